import { OperatorError } from '@bedside/kit';

/** An option that is an instant (ISO 8601). `name`: as it is written, such as `--from`. Errors: `OperatorError`. */
export const instantOption = (name: string, text: string | undefined): Date | undefined => {
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new OperatorError(`${name} is not an instant like 2026-03-01T00:00:00Z.`);
  return at;
};
