const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The earliest and the latest start that a visit type can be booked for at `nowMs`, both allowed. */
export const bookingWindow = (
  visitType: { readonly minimumNoticeMinutes: number; readonly bookingHorizonDays: number },
  nowMs: number,
): { readonly earliestMs: number; readonly latestMs: number } => ({
  earliestMs: nowMs + visitType.minimumNoticeMinutes * MINUTE_MS,
  latestMs: nowMs + visitType.bookingHorizonDays * DAY_MS,
});
