/** Ids in ascending order as text: `7`, `3-9,11`. A batch has few gaps, so this is short. Of no id it is empty. */
export const formatIdRanges = (ids: readonly number[]): string => {
  const ranges: string[] = [];
  for (let from = 0; from < ids.length; ) {
    let to = from;
    while (to + 1 < ids.length && ids[to + 1] === Number(ids[to]) + 1) to += 1;
    ranges.push(from === to ? `${ids[from]}` : `${ids[from]}-${ids[to]}`);
    from = to + 1;
  }
  return ranges.join(',');
};

const RANGE = /^([1-9]\d{0,15})(?:-([1-9]\d{0,15}))?$/;

/** What `formatIdRanges` wrote, or undefined where it is anything else, or more than `max` ids. */
export const parseIdRanges = (text: string, max: number): number[] | undefined => {
  const ids: number[] = [];
  if (text === '') return ids;
  let previous = 0;
  for (const part of text.split(',')) {
    const [, first, last = first] = RANGE.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    const isAscending = from > previous && to >= from && (part === `${from}` || from < to);
    if (!isAscending || (from === previous + 1 && previous !== 0) || ids.length + to - from >= max) return undefined;
    for (let id = from; id <= to; id += 1) ids.push(id);
    previous = to;
  }
  return ids;
};
