/** What stands in the way of a start, in words for whoever started it: no stack trace, and what to run. */
export class SetupFailure extends Error {
  /**
   * @param {string} message what cannot be done, and why
   * @param {readonly string[]} [commands] what to run, each a line to be pasted
   */
  constructor(message, commands = []) {
    super(message);
    this.name = 'SetupFailure';
    this.commands = commands;
  }
}

/**
 * How a step tells what it does. A step that finds its work done says nothing at all.
 * @typedef {object} Report
 * @property {(what: string) => void} begin there is work: names it, and starts the clock
 * @property {(done: number, total: number) => void} progress how far the work is, in any unit
 * @property {(line: string) => void} note one line worth keeping
 */

/**
 * @typedef {object} Out
 * @property {boolean | undefined} [isTTY]
 * @property {(text: string) => unknown} write
 */

const redrawMs = 200;
const percentPerLine = 10;
const clearLine = '\r\u001b[2K';

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs one step of the set-up. On a terminal its progress is one line that changes; elsewhere a line every ten percent.
 * @template T
 * @param {(report: Report) => T | Promise<T>} task
 * @param {{ out?: Out, now?: () => number }} [options]
 * @returns {Promise<T>}
 */
export async function step(task, { out = process.stdout, now = () => performance.now() } = {}) {
  /** @type {{ what: string, at: number } | undefined} */
  let work;
  let percent = 0;
  let printed = 0;
  const line = () => `  ${work?.what} … ${percent > 0 ? `${percent} %, ` : ''}${seconds(now() - (work?.at ?? 0))}`;
  /** @type {NodeJS.Timeout | undefined} */
  let redraw;

  /** @type {Report} */
  const report = {
    begin(what) {
      work = { what, at: now() };
      if (!out.isTTY) out.write(`  ${what} …\n`);
      else redraw = setInterval(() => out.write(clearLine + line()), redrawMs);
    },
    progress(done, total) {
      percent = Math.min(100, Math.floor((done / total) * 100));
      if (out.isTTY || percent < printed + percentPerLine) return;
      printed = percent;
      out.write(`${line()}\n`);
    },
    note(text) {
      out.write(`${out.isTTY ? clearLine : ''}  ${text}\n`);
    },
  };
  /** @param {string} mark */
  const close = (mark) => {
    clearInterval(redraw);
    if (work !== undefined)
      out.write(`${out.isTTY ? clearLine : ''}${mark} ${work.what} (${seconds(now() - work.at)})\n`);
  };
  try {
    const result = await task(report);
    close('✓');
    return result;
  } catch (cause) {
    close('✗');
    throw cause;
  }
}

/**
 * The end of a set-up that cannot go on: says why and what to run.
 * @param {unknown} cause
 * @param {Out} [out]
 */
export function explain(cause, out = process.stderr) {
  out.write(`\n${cause instanceof Error ? cause.message : String(cause)}\n`);
  if (!(cause instanceof SetupFailure) || cause.commands.length === 0) return;
  out.write(
    `\nRun:\n${cause.commands.map((command) => `  ${command}\n`).join('')}\nand then the same command again.\n`,
  );
}
