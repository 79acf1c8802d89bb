import { AppError, type RoomId } from '@bedside/protocol';

/**
 * The highest epoch seen of each room, those that are no longer here included, so that a late command of an older
 * placement opens nothing again (SPEC MED7). Rooms seen longest ago are forgotten beyond `max`: their ids are random
 * and made for one visit, so a command that comes after this many others belongs to no placement any more.
 */
export class Epochs {
  readonly #max: number;
  readonly #seen = new Map<RoomId, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Notes the epoch. Throws `media_stale_epoch` when a higher one has been seen. */
  check(roomId: RoomId, epoch: number): void {
    const highest = this.#seen.get(roomId);
    if (highest !== undefined && epoch < highest)
      throw new AppError('media_stale_epoch', { detail: 'epoch: is older than the room’s.' });
    this.#seen.delete(roomId);
    this.#seen.set(roomId, epoch);
    if (this.#seen.size <= this.#max) return;
    const [oldest] = this.#seen.keys();
    if (oldest !== undefined) this.#seen.delete(oldest);
  }
}
