import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { BusError } from './bus.ts';
import { MemoryBus } from './memory.ts';
import { call, type RpcErrors, serve } from './rpc.ts';

const double = {
  subject: 'maths.double',
  params: z.object({ of: z.object({ n: z.number() }) }),
  result: z.object({ n: z.number() }),
};

const errors: RpcErrors = {
  decode: (body) => new Error(`decoded ${JSON.stringify(body)}`),
  unavailable: (cause: BusError) => new Error(`unavailable ${cause.reason}`),
  invalid: (field) => new Error(`invalid ${field}`),
};

const newBus = () =>
  new MemoryBus({
    errors: { encode: (error) => ({ told: error instanceof Error ? error.message : '' }) },
    onHandlerError: () => undefined,
  });

describe('rpc', () => {
  it('asks, answers and drops what the contract does not name', async () => {
    const bus = newBus();
    const seen: unknown[] = [];
    serve(
      bus,
      double,
      (params) => {
        seen.push(params);
        return { n: params.of.n * 2, more: true };
      },
      { errors },
    );
    const asked = { of: { n: 4 }, more: true };
    expect(await call(bus, double, asked, { errors })).toEqual({ n: 8 });
    expect(seen).toEqual([{ of: { n: 4 } }]);
  });

  it('refuses what does not fit before the handler sees it, naming the field and not its value', async () => {
    const bus = newBus();
    let handled = false;
    serve(
      bus,
      double,
      () => {
        handled = true;
        return { n: 1 };
      },
      { errors },
    );
    const asking = bus.request('maths.double', { of: { n: 'secret' } }, { timeoutMs: 1_000 });
    await expect(asking).rejects.toMatchObject({ reason: 'failed', body: { told: 'invalid of.n' } });
    expect(handled).toBe(false);
  });

  it('decodes the responder’s error', async () => {
    const bus = newBus();
    serve(
      bus,
      double,
      () => {
        throw new Error('no');
      },
      { errors },
    );
    await expect(call(bus, double, { of: { n: 1 } }, { errors })).rejects.toThrow('decoded {"told":"no"}');
  });

  it('is unavailable when nobody answers, or not in time, or it is aborted', async () => {
    const bus = newBus();
    await expect(call(bus, double, { of: { n: 1 } }, { errors })).rejects.toThrow('unavailable no-responders');
    serve(bus, double, () => new Promise<{ n: number }>(() => undefined), { errors });
    await expect(call(bus, double, { of: { n: 1 } }, { errors, timeoutMs: 10 })).rejects.toThrow('unavailable timeout');
    await expect(call(bus, double, { of: { n: 1 } }, { errors, signal: AbortSignal.abort() })).rejects.toThrow(
      'unavailable aborted',
    );
  });

  it('does not let through an answer that breaks the contract', async () => {
    const bus = newBus();
    bus.respond(double.subject, () => ({ n: 'eight' }));
    await expect(call(bus, double, { of: { n: 4 } }, { errors })).rejects.toThrow();
  });
});
