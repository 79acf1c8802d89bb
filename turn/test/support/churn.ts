import { readdirSync } from 'node:fs';
import { METHOD } from '../../src/wire/methods.ts';
import type { TurnClient } from './turn-client.ts';
import { attribute, codeOf } from './turn-requests.ts';

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

/**
 * Makes and frees an allocation, `cycles` times over one connection to a server in this process. Answers by how many
 * file descriptors the process has grown. Throws where a cycle is refused.
 */
export const allocateAndFree = async (client: TurnClient, cycles: number): Promise<number> => {
  const cycle = async (): Promise<void> => {
    const codes = [await client.allocate(), codeOf(await client.request(METHOD.refresh, [attribute.lifetime(0)]))];
    if (codes.some((code) => code !== 0)) throw new Error(`A cycle was refused (${codes.join(', ')}).`);
  };
  // The first one opens what stays open for good.
  await cycle();
  const before = openDescriptors();
  for (let done = 0; done < cycles; done += 1) await cycle();
  return openDescriptors() - before;
};
