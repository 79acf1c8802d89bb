import { createCore } from '@bedside/core';
import { createRegistry, Health, type Logger, MemoryBus, type Service, systemClock, Teardown } from '@bedside/kit';
import { createMediaServer } from '@bedside/media-server';
import { busErrors } from '@bedside/protocol';
import { createSignaling } from '@bedside/signaling';
import { DEMO_CLIENT_ID, DEMO_ISSUER_PATH } from '../demo/address.ts';
import { createDemoIssuer } from '../demo/issuer.ts';
import { demoIssuerPeople } from '../demo/people.ts';
import { seedDemo } from '../demo/seed.ts';
import type { UpConfig } from './config.ts';
import { runDatabase } from './database.ts';
import { createEdge } from './edge.ts';

/** All of Bedside in this process, over the memory bus; media workers and the embedded Postgres are its children. */
export const composeBedside = async (
  config: UpConfig,
  deps: { log: Logger; signal: AbortSignal },
): Promise<Service> => {
  const { log, signal } = deps;
  const teardown = new Teardown();
  const registry = createRegistry();
  const health = new Health();
  const clock = systemClock;
  try {
    const bus = teardown.use(
      new MemoryBus({
        errors: busErrors,
        onHandlerError: (error, subject) => log.error('bus-handler-failed', { error, subject }),
      }),
    );
    const shared = { bus, registry, health, clock };
    const startDatabase = async (): Promise<string> => {
      if (config.databaseUrl !== undefined) return config.databaseUrl;
      return teardown.use(await runDatabase({ dataDir: config.dataDir, log: log.child({ state: 'database' }), signal }))
        .url;
    };
    const startMedia = async () => teardown.use(await createMediaServer(config.mediaServer, { ...shared, log }));
    // Signaling listens for the media node's first announcement, so it stands before that.
    const signaling = teardown.use(await createSignaling(config.signaling, { ...shared, log }));
    const [databaseUrl] = await allOrNothing([startDatabase(), startMedia()]);
    signal.throwIfAborted();
    const core = teardown.use(await createCore({ ...config.core, databaseUrl }, { ...shared, log }));
    const issuerUrl = config.publicUrl + DEMO_ISSUER_PATH;
    const demoIssuer = config.demo
      ? teardown.use(
          await createDemoIssuer({
            issuerUrl,
            clients: [
              {
                clientId: DEMO_CLIENT_ID,
                redirectUris: [`${config.publicUrl}/auth/callback`],
                postLogoutRedirectUris: [`${config.publicUrl}/`],
              },
            ],
            people: demoIssuerPeople,
            log,
          }),
        )
      : undefined;
    if (config.demo) await seedDemo({ provisioning: core.provisioning, issuerUrl, now: clock() });
    signal.throwIfAborted();
    teardown.use(
      await createEdge({
        host: config.host,
        port: config.port,
        publicUrl: config.publicUrl,
        core,
        signaling,
        ...(demoIssuer === undefined ? {} : { demoIssuer }),
        staticDir: config.webDir,
        registry,
        health,
        log,
        metricsFor: config.metricsFor,
      }),
    );
    return teardown;
  } catch (error) {
    await teardown.close();
    throw error;
  }
};

/** Waits for all, also when one fails, so that whatever has started is known to whoever tears it down. */
const allOrNothing = async <Results extends readonly unknown[]>(
  tasks: { [Index in keyof Results]: Promise<Results[Index]> },
): Promise<Results> => {
  await Promise.allSettled(tasks);
  return Promise.all(tasks) as unknown as Promise<Results>;
};
