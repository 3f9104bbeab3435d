#include "nasmyth/data/loader.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/core/state_bytes.h"

namespace nasmyth {
namespace {

constexpr std::size_t kAhead = 2;
constexpr std::string_view kPositionKind = "loader position 1";

void check_arguments(const Dataset& dataset, std::span<const std::int64_t> indices,
                     std::int64_t batch_size, const AugmentationOptions& augmentation) {
  check(dataset);
  check(augmentation, dataset);
  if (batch_size < 1)
    throw Error(ErrorKind::kOutOfRange, "batch_size",
                "a batch of " + std::to_string(batch_size) + " images", "use 1 or more");
  for (const std::int64_t i : indices)
    if (i < 0 || i >= dataset.count)
      throw Error(
          ErrorKind::kOutOfRange, "data set " + dataset.name,
          "there is no image " + std::to_string(i) + " among " + std::to_string(dataset.count));
}

}  // namespace

// `mutex` guards what follows it. The constants before it are read by both threads; `order` and the
// streams of an epoch belong to the thread alone.
struct BatchLoader::Shared {
  Shared(const Dataset& data, std::span<const std::int64_t> chosen, std::int64_t size,
         const AugmentationOptions& options, bool shuffled, bool drop_last, RandomStream stream)
      : dataset(data),
        normalizer((check_arguments(data, chosen, size, options), data)),
        indices(chosen.begin(), chosen.end()),
        batch_size(size),
        augmentation(options),
        shuffle(shuffled),
        random(stream) {
    const auto count = static_cast<std::int64_t>(indices.size());
    batches = drop_last ? count / size : count / size + (count % size != 0);
  }

  ~Shared() {
    {
      const std::lock_guard lock(mutex);
      stop = true;
    }
    work.notify_one();
    if (thread.joinable()) thread.join();
  }

  // Signals go to the threads of the program, which know what to do with them.
  void start_thread() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      thread = std::thread([this] { run(); });
    } catch (...) {
      pthread_sigmask(SIG_SETMASK, &before, nullptr);
      throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void run() {
    LoadedBatch batch;
    std::unique_lock lock(mutex);
    while (true) {
      work.wait(lock, [&] { return stop || wants_more(); });
      if (stop) return;
      const std::uint64_t of = start;
      const std::int64_t at_epoch = epoch, number = prepared;
      lock.unlock();
      std::exception_ptr fault;
      try {
        prepare(at_epoch, number, batch);
      } catch (...) {
        fault = std::current_exception();
      }
      lock.lock();
      if (stop) return;
      if (of != start) continue;  // another epoch was asked for meanwhile
      if (fault) {
        error = std::move(fault);
      } else {
        std::swap(batch, ring[static_cast<std::size_t>(number) % kAhead]);
        ++prepared;
      }
      ready.notify_one();
    }
  }

  bool wants_more() const {
    return !error && prepared < batches && prepared - given < static_cast<std::int64_t>(kAhead);
  }

  void prepare(std::int64_t at_epoch, std::int64_t number, LoadedBatch& batch) {
    if (order_of != at_epoch) {
      order_of = -1;
      order_epoch(at_epoch);
      order_of = at_epoch;
    }
    const std::int64_t begin = number * batch_size;
    const auto chosen = std::span<const std::int64_t>(order).subspan(
        static_cast<std::size_t>(begin),
        static_cast<std::size_t>(
            std::min(batch_size, static_cast<std::int64_t>(order.size()) - begin)));
    const auto image_size = static_cast<std::size_t>(dataset.image_size());
    batch.size = static_cast<std::int64_t>(chosen.size());
    batch.images.resize(chosen.size() * image_size);
    batch.targets.resize(chosen.size());
    batch.indices.assign(chosen.begin(), chosen.end());
    const std::span<float> images(batch.images);
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      const auto draw = draw_augmentation(augmentation, dataset,
                                          drawn.fork(static_cast<std::uint64_t>(chosen[k])));
      const auto target = images.subspan(k * image_size, image_size);
      if (dataset.has_values())
        normalizer.write(dataset.value_image(chosen[k]), draw, augmentation.cutout, target);
      else
        normalizer.write(dataset.image(chosen[k]), draw, augmentation.cutout, target);
      batch.targets[k] = dataset.labels[static_cast<std::size_t>(chosen[k])];
    }
  }

  // Fisher-Yates.
  void order_epoch(std::int64_t at_epoch) {
    drawn = random.fork("augmentation").fork(static_cast<std::uint64_t>(at_epoch));
    order = indices;
    if (!shuffle) return;
    RandomStream stream = random.fork("order").fork(static_cast<std::uint64_t>(at_epoch));
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
  }

  const Dataset& dataset;
  const Normalizer normalizer;
  const std::vector<std::int64_t> indices;
  const std::int64_t batch_size;
  const AugmentationOptions augmentation;
  const bool shuffle;
  const RandomStream random;
  std::int64_t batches = 0;

  std::vector<std::int64_t> order;
  std::int64_t order_of = -1;
  RandomStream drawn;

  std::mutex mutex;
  std::condition_variable work, ready;
  std::array<LoadedBatch, kAhead> ring;
  bool stop = false;
  std::uint64_t start = 0;  // counts start_epoch
  std::int64_t epoch = 0;
  std::int64_t prepared = 0;  // number of the next batch to prepare
  std::int64_t given = 0;     // number of the next batch to give
  std::exception_ptr error;

  std::thread thread;
};

BatchLoader::BatchLoader(const Dataset& dataset, std::span<const std::int64_t> indices,
                         std::int64_t batch_size, const AugmentationOptions& augmentation,
                         bool shuffle, bool drop_last, RandomStream random)
    : shared_(std::make_unique<Shared>(dataset, indices, batch_size, augmentation, shuffle,
                                       drop_last, random)) {}

BatchLoader::~BatchLoader() = default;

std::int64_t BatchLoader::batches() const { return shared_->batches; }

void BatchLoader::start_epoch(std::int64_t epoch, std::int64_t first_batch) {
  Shared& s = *shared_;
  if (epoch < 0 || first_batch < 0 || first_batch > s.batches)
    throw Error(ErrorKind::kOutOfRange, "data set " + s.dataset.name,
                "there is no batch " + std::to_string(first_batch) + " of epoch " +
                    std::to_string(epoch) + "; an epoch has " + std::to_string(s.batches));
  {
    const std::lock_guard lock(s.mutex);
    ++s.start;
    s.epoch = epoch;
    s.prepared = s.given = first_batch;
    s.error = nullptr;
  }
  if (!s.thread.joinable()) s.start_thread();
  s.work.notify_one();
}

bool BatchLoader::next(LoadedBatch& batch) {
  Shared& s = *shared_;
  {
    std::unique_lock lock(s.mutex);
    if (s.start == 0 || s.given >= s.batches) return false;
    s.ready.wait(lock, [&] { return s.given < s.prepared || s.error; });
    if (s.given == s.prepared) {
      s.given = s.prepared = s.batches;
      std::rethrow_exception(std::exchange(s.error, nullptr));
    }
    std::swap(batch, s.ring[static_cast<std::size_t>(s.given) % kAhead]);
    ++s.given;
  }
  s.work.notify_one();
  return true;
}

CyclingLoader::CyclingLoader(const Dataset& dataset, std::span<const std::int64_t> indices,
                             std::int64_t batch_size, const AugmentationOptions& augmentation,
                             RandomStream random)
    : loader_(dataset, indices, batch_size, augmentation, true, true, random) {}

void CyclingLoader::next(LoadedBatch& batch) {
  if (loader_.batches() == 0)
    throw Error(ErrorKind::kOutOfRange, "batch_size", "there are fewer images than a batch has",
                "use a smaller batch or more data");
  if (batch_ == loader_.batches()) {
    ++epoch_;
    batch_ = 0;
    started_ = false;
  }
  if (!started_) loader_.start_epoch(epoch_, batch_);
  started_ = false;  // an error of the thread ends the epoch there; the next call tries again
  if (!loader_.next(batch))
    throw Error(ErrorKind::kInternal, "data", "an epoch ended before its last batch");
  started_ = true;
  ++batch_;
}

std::string CyclingLoader::save_position() const {
  StateWriter writer(kPositionKind);
  writer.number(loader_.batches());
  writer.number(epoch_);
  writer.number(batch_);
  return writer.finish();
}

void CyclingLoader::load_position(std::string_view bytes, std::string_view where) {
  StateReader reader(bytes, kPositionKind, where);
  const std::int64_t batches = reader.number(), epoch = reader.number(), batch = reader.number();
  if (batches != loader_.batches())
    throw Error(ErrorKind::kInvalidArgument, where,
                "the position is that of an epoch of " + std::to_string(batches) +
                    " batches; got " + std::to_string(loader_.batches()),
                "resume with the same data and batch size");
  if (epoch < 0 || batch < 0 || batch > batches)
    throw Error(ErrorKind::kInvalidData, where, "the position in the data is impossible");
  epoch_ = epoch;
  batch_ = batch;
  started_ = false;
}

}  // namespace nasmyth
