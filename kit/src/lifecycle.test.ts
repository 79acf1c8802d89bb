import { describe, expect, it } from 'vitest';
import { Teardown } from './lifecycle.ts';

describe('Teardown', () => {
  it('undoes last first, each after the one before it is done, once', async () => {
    const done: string[] = [];
    const teardown = new Teardown();
    teardown.add(() => void done.push('first'));
    teardown.add(async () => {
      await Promise.resolve();
      done.push('second');
    });
    expect(teardown.use({ close: () => done.push('third') })).toBeDefined();
    await Promise.all([teardown.close(), teardown.close()]);
    await teardown.close();
    expect(done).toEqual(['third', 'second', 'first']);
  });

  it('goes on after a failure and tells of all of them', async () => {
    const done: string[] = [];
    const teardown = new Teardown();
    teardown.add(() => void done.push('first'));
    teardown.add(() => {
      throw new Error('a');
    });
    teardown.add(async () => {
      throw new Error('b');
    });
    await expect(teardown.close()).rejects.toMatchObject({ errors: [new Error('b'), new Error('a')] });
    expect(done).toEqual(['first']);
  });

  it('undoes what is added while it closes or after', async () => {
    const done: string[] = [];
    const teardown = new Teardown();
    teardown.add(() => teardown.add(() => void done.push('while')));
    await teardown.close();
    const { promise, resolve } = Promise.withResolvers<void>();
    teardown.add(() => {
      done.push('after');
      resolve();
    });
    await promise;
    expect(done).toEqual(['while', 'after']);
  });

  it('closes at the end of an await using block', async () => {
    const done: string[] = [];
    {
      await using teardown = new Teardown();
      teardown.add(() => void done.push('closed'));
    }
    expect(done).toEqual(['closed']);
  });
});
