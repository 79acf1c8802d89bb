import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Oracle, Transition } from './oracle.ts';

const SCRIPT = join(import.meta.dirname, 'oracle-dateutil.py');
/** Debian's own comes second: a newer Python before it on the path may know nothing of Debian's packages. */
const PYTHONS = ['python3', '/usr/bin/python3'];

const Answer = z.union([z.object({ answer: z.unknown() }), z.object({ error: z.string() })]);
const Transitions = z.array(z.tuple([z.number(), z.number(), z.number()]));
const AllOccurrences = z.object({
  occurrences: z.array(z.array(z.tuple([z.number(), z.number()]))),
  errors: z.number(),
});

const exitCode = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });

const findPython = async (): Promise<string | undefined> => {
  for (const python of PYTHONS) {
    if ((await exitCode(spawn(python, ['-c', 'import dateutil, zoneinfo'], { stdio: 'ignore' }))) === 0) return python;
  }
  return undefined;
};

const python = await findPython();

/** Why dateutil cannot be asked on this machine, and how to get it. */
export const whyNoDateutil: string | undefined =
  python === undefined ? 'needs python3 with dateutil: apt-get install python3-dateutil' : undefined;

/**
 * python-dateutil on the system's tz database: one process that answers in the order in which it is asked. Where Python's
 * own zoneinfo, on the same files, contradicts dateutil, the answer is zoneinfo's and the zone is noted.
 */
export class DateutilOracle implements Oracle, AsyncDisposable {
  readonly name = 'dateutil';
  /** In how many of its rules dateutil was contradicted, by zone. */
  readonly contradicted = new Map<string, number>();
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  readonly #answers: AsyncIterator<string>;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcess, answers: AsyncIterator<string>) {
    this.#child = child;
    this.#ended = exitCode(child);
    this.#answers = answers;
  }

  static start(): DateutilOracle {
    if (python === undefined) throw new Error(whyNoDateutil);
    const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
    return new DateutilOracle(child, createInterface({ input: child.stdout })[Symbol.asyncIterator]());
  }

  /** The names of the system's tz database, links among them. */
  async zones(): Promise<readonly string[]> {
    return z.array(z.string()).parse(await this.#ask({ ask: 'zones' }));
  }

  /** The changes of a zone's offset in [`from`, `to`), instants in minutes. */
  async transitions(options: { zone: string; from: number; to: number }): Promise<readonly Transition[]> {
    const found = Transitions.parse(await this.#ask({ ask: 'transitions', ...options }));
    return found.map(([at, before, after]) => ({ at, before, after }));
  }

  readonly occurrences: Oracle['occurrences'] = async (zone, rules) => {
    const { occurrences, errors } = AllOccurrences.parse(await this.#ask({ ask: 'occurrences', zone, rules }));
    if (errors > 0) this.contradicted.set(zone, (this.contradicted.get(zone) ?? 0) + errors);
    return occurrences;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }

  #ask(question: Readonly<Record<string, unknown>>): Promise<unknown> {
    const asked = this.#last.then(async () => {
      this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await this.#answers.next();
      if (done === true) throw new Error('dateutil ended without an answer.');
      const answer = Answer.parse(JSON.parse(value));
      if ('error' in answer) throw new Error(`dateutil: ${answer.error}`);
      return answer.answer;
    });
    this.#last = asked.catch(() => undefined);
    return asked;
  }
}
