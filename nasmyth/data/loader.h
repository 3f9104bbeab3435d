#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/random.h"
#include "nasmyth/data/augmentation.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// One batch as a loader fills it. Hand the same object to each call of next(): its memory is
/// swapped with that of the loader, so that nothing is allocated after the first batches.
struct LoadedBatch {
  std::vector<float> images;          ///< normalised, [size, channels, height, width]
  std::vector<std::int64_t> targets;  ///< classes, [size]
  std::vector<std::int64_t> indices;  ///< into the data set, [size]
  std::int64_t size = 0;
};

/// Cuts chosen images of a data set into batches, epoch after epoch, and prepares two batches ahead
/// on a thread of its own. The bits of a batch depend on the arguments, the epoch and the number of
/// the batch only: the order of an epoch comes from `random` and its number, the augmentation of a
/// sample from `random`, the epoch and the sample's index. Not thread-safe; the data set must
/// outlive it.
class BatchLoader {
 public:
  /// `indices`: which images, any number of times. With `drop_last` a last batch that is not full
  /// is left out. Without `shuffle` the order is that of the indices. Throws for indices outside of
  /// the data set and options that do not fit it.
  BatchLoader(const Dataset& dataset, std::span<const std::int64_t> indices,
              std::int64_t batch_size, const AugmentationOptions& augmentation, bool shuffle,
              bool drop_last, RandomStream random);
  /// In any state, without waiting for more than the batch in work.
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// Batches of an epoch; 0 when `drop_last` leaves none.
  std::int64_t batches() const;

  /// Goes to batch `first_batch` (at most batches()) of an epoch, from wherever the loader is.
  void start_epoch(std::int64_t epoch, std::int64_t first_batch = 0);

  /// The next batch of the epoch; false at its end and before the first start_epoch, `batch` is
  /// then unchanged. An error of the thread is thrown here and ends the epoch.
  bool next(LoadedBatch& batch);

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

/// Full batches without end, in a new order each epoch: the validation batches of a bilevel search.
/// Not thread-safe.
class CyclingLoader {
 public:
  /// As for BatchLoader with `shuffle` and `drop_last`.
  CyclingLoader(const Dataset& dataset, std::span<const std::int64_t> indices,
                std::int64_t batch_size, const AugmentationOptions& augmentation,
                RandomStream random);

  /// Throws kOutOfRange when there are fewer images than a batch has.
  void next(LoadedBatch& batch);

  /// The place in the endless sequence, with a checksum: a loader with the same arguments that
  /// loads it goes on with the same batches.
  std::string save_position() const;
  /// Throws kInvalidData for damaged bytes and kInvalidArgument for the position of a loader with
  /// another number of batches; the loader is then unchanged. `where` names the file.
  void load_position(std::string_view bytes, std::string_view where);

 private:
  BatchLoader loader_;
  std::int64_t epoch_ = 0;
  std::int64_t batch_ = 0;  // given of that epoch
  bool started_ = false;
};

}  // namespace nasmyth
