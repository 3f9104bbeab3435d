#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nasmyth/search/search_configuration.h"
#include "nasmyth/search/search_parts.h"

namespace nasmyth {

/// Seconds of the pieces that a run is made of, found by timing some steps on this machine.
struct PieceTimes {
  double startup = 0;          ///< data, space, feasibility
  double warmup_epoch = 0;     ///< of a gradient search: weight steps alone
  double search_epoch = 0;     ///< of a gradient search: weight and architecture steps
  double rank_candidate = 0;   ///< with the supernet's weights
  double short_epoch = 0;      ///< training of a finalist or candidate on search-train
  double retrain_epoch = 0;    ///< of a network that uses the limits
  double hand_made_epoch = 0;  ///< of the hand-made control
  double arm_end = 0;          ///< measuring and writing a trained network
  std::int64_t steps = 0;      ///< timed
  double measuring = 0;        ///< what the timing took
};

/// Times steps of the search, of random networks that use most of the limits, and of the hand-made
/// network, for about `seconds` altogether and at least some steps each. Changes nothing that a run
/// depends on.
PieceTimes time_pieces(SearchParts& parts, double seconds);

/// How long to time steps before a run with a time limit; 0: without one.
double measuring_seconds(double time_limit);

/// Seconds of one training step of `network` on the retraining part, from about `seconds` of steps.
double time_training_step(const NetworkGraph& network, SearchParts& parts, double seconds);

/// One stage of a run.
struct StageForecast {
  std::string name;
  double seconds = 0;
  std::string basis;  ///< "20 epochs of 9.8 s"
};

/// The stages of a run of this configuration in order, the controls last.
std::vector<StageForecast> forecast_stages(const SearchConfiguration& configuration,
                                           const PieceTimes& times);
double total_seconds(const std::vector<StageForecast>& stages);

/// The configuration with all its lengths (epochs of the search, candidates and finalists of the
/// ranking, epochs of retraining) scaled by one factor so that the forecast of the whole run, the
/// controls included, is at most `seconds`, and no further from it than whole epochs allow. Lengths
/// grow at most tenfold. Throws kOutOfRange where not even the shortest run is forecast to end in
/// time.
SearchConfiguration fit_schedule(const SearchConfiguration& configuration, const PieceTimes& times,
                                 double seconds);

}  // namespace nasmyth
