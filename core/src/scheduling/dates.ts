const DAY_MS = 86_400_000;

/** A calendar date `YYYY-MM-DD` as the number of days since 1970-01-01. */
export const dayOfDate = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

export const dateOfDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
