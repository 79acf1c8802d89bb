import type { Appointment, Hold, Provider, Slot, VisitType } from '@bedside/protocol';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError } from '../../api/http.ts';
import { type BookApi, BookModel, slotKey } from './book-model.ts';

const NOW = Date.parse('2027-03-10T12:00:00.000Z');
const provider = { id: 'okafor', displayName: 'Dr. Amara Okafor', timeZone: 'America/New_York' } as Provider;
const visitType = { id: 'video', seats: 1, intakeQuestions: [] } as unknown as VisitType;
const slot: Slot = {
  startsAt: '2027-03-11T14:00:00.000Z',
  endsAt: '2027-03-11T14:20:00.000Z',
  localStartsAt: '2027-03-11T15:00:00+01:00',
};
const hold = {
  id: 'hold',
  token: 'token',
  provider,
  visitType,
  ...slot,
  expiresAt: new Date(NOW + 600_000).toISOString(),
  extendable: true,
} as unknown as Hold;
const visit = { id: 'visit' } as Appointment;

const api = {
  holdSlot: vi.fn<BookApi['holdSlot']>(),
  extendHold: vi.fn<BookApi['extendHold']>(),
  releaseHold: vi.fn<BookApi['releaseHold']>(),
  book: vi.fn<BookApi['book']>(),
};
let now = NOW;
const open = (): BookModel => {
  const model = new BookModel({ api, now: () => now, persistence: { pausesMs: [0] } });
  model.look({ visitType, provider });
  return model;
};
const held = async (): Promise<BookModel> => {
  const model = open();
  await model.pick(provider, slot);
  return model;
};

beforeEach(() => {
  now = NOW;
  for (const one of Object.values(api)) one.mockReset();
  api.holdSlot.mockResolvedValue(hold);
  api.releaseHold.mockResolvedValue(undefined);
  api.book.mockResolvedValue(visit);
});

describe('picking a time', () => {
  test('holds it', async () => {
    const model = await held();
    expect(model.step.value).toBe('held');
    expect(model.kept.value).toEqual({ hold, lagMs: 0, over: false });
  });

  test('SCH5 a lost answer is asked for with the same key, also when somebody presses again', async () => {
    api.holdSlot.mockReset().mockRejectedValue(new ApiError('unreachable'));
    const model = await held();
    expect(model.step.value).toBe('times');
    expect(model.problem.value).not.toBe('');
    api.holdSlot.mockResolvedValue(hold);
    await model.pick(provider, slot);
    expect(new Set(api.holdSlot.mock.calls.map(([, { key }]) => key)).size).toBe(1);
    expect(api.holdSlot).toHaveBeenCalledTimes(3);
    expect(model.step.value).toBe('held');
  });

  test('the same wish after an answer is another decision', async () => {
    const model = await held();
    model.goTo('times');
    await model.pick(provider, slot);
    expect(new Set(api.holdSlot.mock.calls.map(([, { key }]) => key)).size).toBe(2);
  });

  test('SCH3 what is taken is gone from the list', async () => {
    api.holdSlot.mockRejectedValue(new ApiError('slot_taken'));
    const model = await held();
    expect(model.gone.value.has(slotKey(provider, slot))).toBe(true);
    expect(model.problem.value).toBe('This time has just been taken. Pick another.');
  });

  test('a hold that arrives after somebody has gone elsewhere is let go', async () => {
    const answer = Promise.withResolvers<Hold>();
    api.holdSlot.mockReturnValue(answer.promise);
    const model = open();
    const picked = model.pick(provider, slot);
    model.close();
    answer.resolve(hold);
    await picked;
    expect(api.releaseHold).toHaveBeenCalledWith(hold);
    expect(model.kept.value).toBeUndefined();
  });
});

describe('SCH4 a held time', () => {
  test.each([
    ['goes back', (model: BookModel) => model.goTo('times')],
    ['leaves the page', (model: BookModel) => model.close()],
    ['leaves the site', (model: BookModel) => model.abandon()],
  ])('is let go once by whoever %s', async (_, leave) => {
    const model = await held();
    leave(model);
    model.close();
    expect(api.releaseHold).toHaveBeenCalledOnce();
  });

  test('is told as over to whoever comes back to a page they had left', async () => {
    const model = await held();
    model.abandon();
    expect(model.kept.value?.over).toBe(true);
  });

  test('is not let go by whoever leaves while it is being booked', async () => {
    const answer = Promise.withResolvers<Appointment>();
    api.book.mockReturnValue(answer.promise);
    const model = await held();
    const booking = model.book({});
    model.abandon();
    model.close();
    answer.resolve(visit);
    await booking;
    expect(api.releaseHold).not.toHaveBeenCalled();
  });

  test('is prolonged, and is over when core says so', async () => {
    const longer = { ...hold, extendable: false };
    api.extendHold.mockResolvedValueOnce(longer);
    const model = await held();
    await model.extend();
    expect(model.kept.value?.hold).toBe(longer);
    api.book.mockRejectedValue(new ApiError('hold_over'));
    await model.book({});
    expect(model.kept.value?.over).toBe(true);
    expect(model.step.value).toBe('held');
  });

  test('does not end under a confirmation that is on its way, but does when that fails', async () => {
    const answer = Promise.withResolvers<Appointment>();
    api.book.mockReturnValue(answer.promise);
    const model = await held();
    const booking = model.book({});
    now = NOW + 600_000;
    model.expire();
    expect(model.kept.value?.over).toBe(false);
    answer.reject(new ApiError('bad_request'));
    await booking;
    expect(model.kept.value?.over).toBe(true);
  });

  test('keeps its answers for the next time that is picked, and no longer than the visit type', async () => {
    const model = await held();
    model.answers.value = { reason: 'A cough' };
    model.expire();
    model.goTo('times');
    model.look({ visitType, provider });
    expect(model.answers.value).toEqual({ reason: 'A cough' });
    model.look({ visitType: { ...visitType, id: 'other' } as VisitType });
    expect(model.answers.value).toEqual({});
  });
});

test('a booked visit ends the way, and leaves nothing to let go', async () => {
  const model = await held();
  await model.book({});
  expect([model.step.value, model.booked.value]).toEqual(['booked', visit]);
  model.close();
  expect(api.releaseHold).not.toHaveBeenCalled();
});

test('steps that have nothing to show lead to one that has', () => {
  const model = new BookModel({ api });
  model.goTo('times');
  expect(model.step.value).toBe('find');
  model.look({ visitType });
  model.goTo('held');
  expect(model.step.value).toBe('times');
  model.goTo('booked');
  expect(model.step.value).toBe('find');
});
