import { RoomId } from '@bedside/protocol';
import { describe, expect, it } from 'vitest';
import { Epochs } from './epochs.ts';

const room = (n: number) => RoomId.parse(`0000000${n}-0000-4000-8000-000000000000`);

describe('Epochs', () => {
  it('MED7 refuses an epoch older than the highest seen of the room', () => {
    const epochs = new Epochs(10);
    epochs.check(room(1), 2);
    epochs.check(room(1), 2);
    epochs.check(room(1), 3);
    epochs.check(room(2), 1);
    expect(() => epochs.check(room(1), 2)).toThrow(expect.objectContaining({ code: 'media_stale_epoch' }));
  });

  it('forgets the room seen longest ago beyond its bound', () => {
    const epochs = new Epochs(2);
    epochs.check(room(1), 5);
    epochs.check(room(2), 5);
    epochs.check(room(1), 5);
    epochs.check(room(3), 5);
    expect(() => epochs.check(room(1), 4)).toThrow();
    expect(() => epochs.check(room(2), 4)).not.toThrow();
  });
});
