// Kinds without options of their own: relaxations, discretisers, resources, metrics, executors,
// sections of a report.
#include "nasmyth/cli/kind/registry_kind.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/report/report_section.h"
#include "nasmyth/resource/resource_model.h"
#include "nasmyth/supernet/discretizer.h"
#include "nasmyth/supernet/relaxation.h"
#include "nasmyth/train/metric.h"

namespace nasmyth {

std::unique_ptr<Kind> relaxations_kind() {
  return std::make_unique<RegistryKind<RelaxationEntry>>(
      "relaxation", "how options are weighted while choices are open", relaxations());
}

std::unique_ptr<Kind> discretizers_kind() {
  return std::make_unique<RegistryKind<DiscretizerEntry>>(
      "discretizer", "how an architecture is taken from architecture parameters", discretizers());
}

std::unique_ptr<Kind> resources_kind() {
  return std::make_unique<RegistryKind<ResourceModelEntry>>(
      "resource", "what networks cost, and what can be limited", resource_models());
}

std::unique_ptr<Kind> metrics_kind() {
  return std::make_unique<RegistryKind<MetricEntry>>(
      "metric", "figures of merit of a network, and what a search can be asked for", metrics());
}

std::unique_ptr<Kind> executors_kind() {
  return std::make_unique<RegistryKind<ExecutorEntry>>("executor", "what runs networks",
                                                       executors());
}

std::unique_ptr<Kind> report_sections_kind() {
  return std::make_unique<RegistryKind<ReportSectionEntry>>("report_section", "parts of a report",
                                                            report_sections());
}

}  // namespace nasmyth
