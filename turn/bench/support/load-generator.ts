import { once } from 'node:events';
import type { GeneratorCall, GeneratorReply, LoadOptions, LoadResult } from './generator-messages.ts';
import type { PathOptions } from './paths.ts';
import { spawnOn } from './processes.ts';

const PROGRAM = new URL('../generator.ts', import.meta.url).pathname;

/** The generator's process. Throws what it could not do. */
export interface LoadGenerator extends Disposable {
  open(options: PathOptions): Promise<void>;
  run(load: LoadOptions): Promise<LoadResult>;
  closePaths(): Promise<void>;
}

export const startLoadGenerator = (): LoadGenerator => {
  const child = spawnOn(1, [process.execPath, PROGRAM], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = once(child, 'exit').then((): never => {
    throw new Error('The generator ended.');
  });
  gone.catch(() => {});
  const ask = async (call: GeneratorCall): Promise<LoadResult | undefined> => {
    const answer = once(child, 'message');
    child.send(call);
    const [reply] = (await Promise.race([answer, gone])) as [GeneratorReply];
    if (!reply.ok) throw new Error(reply.problem);
    return reply.result;
  };
  return {
    open: async (options) => void (await ask({ type: 'open', options })),
    run: async (load) => {
      const result = await ask({ type: 'run', load });
      if (result === undefined) throw new Error('The generator measured nothing.');
      return result;
    },
    closePaths: async () => void (await ask({ type: 'close' })),
    [Symbol.dispose]: () => void child.kill(),
  };
};
