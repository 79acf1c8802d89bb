import { type CoreConfig, createCore, loadRelaySecret } from '@bedside/core';
import {
  createRegistry,
  Health,
  type Logger,
  loadInternalTls,
  MemoryBus,
  type Service,
  systemClock,
  Teardown,
} from '@bedside/kit';
import { createMediaServer, type MediaAddress } from '@bedside/media-server';
import { busErrors } from '@bedside/protocol';
import { createSignaling } from '@bedside/signaling';
import { DEMO_CLIENT_ID, DEMO_ISSUER_PATH } from '../demo/address.ts';
import { createDemoIssuer } from '../demo/issuer.ts';
import { demoIssuerPeople } from '../demo/people.ts';
import { seedDemo } from '../demo/seed.ts';
import type { UpConfig } from './config.ts';
import { runDatabase } from './database.ts';
import { createEdge } from './edge.ts';
import { makeHandoffPath } from './handoff-dir.ts';
import { createInternal } from './internal.ts';
import { serveOwnKeys } from './own-keys.ts';
import { drainRelay, relayPeers, relayUrls, startRelay } from './relay.ts';

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
    const startDatabase = async (): Promise<Pick<CoreConfig, 'databaseUrl' | 'migrationDatabaseUrl'>> => {
      if (config.databaseUrl !== undefined)
        return { databaseUrl: config.databaseUrl, migrationDatabaseUrl: config.core.migrationDatabaseUrl };
      const { url, migrationUrl } = teardown.use(
        await runDatabase({
          dataDir: config.dataDir,
          cacheDir: config.cacheDir,
          log: log.child({ state: 'database' }),
          signal,
        }),
      );
      return { databaseUrl: url, migrationDatabaseUrl: migrationUrl };
    };
    // The relay's threads carry the sockets of signaling where they share a port, so they end after it.
    const relayTeardown = teardown.use(new Teardown());
    const handoff = config.isTls ? await makeHandoffPath(config.dataDir) : undefined;
    if (handoff !== undefined) relayTeardown.add(handoff.remove);
    const beginRelay = async () => {
      if (config.relay === undefined) return undefined;
      const given = config.relay.secrets;
      const secrets = given.length > 0 ? given : [await loadRelaySecret(config.relaySecretFile)];
      const settings = { ...config.relay, secrets, httpUpstreamPath: handoff?.path };
      const relay = relayTeardown.use(await startRelay(settings, { ...shared, log: log.child({ state: 'relay' }) }));
      return { relay, secret: secrets[0], own: config.relay.peers, drain: () => drainRelay(relay, settings) };
    };
    const relaying = beginRelay();
    // Until it is awaited below, a relay that cannot start must not end the process unexplained.
    relaying.catch(() => undefined);
    const reachMedia = async (addresses: readonly MediaAddress[]): Promise<void> => {
      const started = await relaying;
      if (config.relays) await started?.relay.setPeers([...started.own, ...(await relayPeers(addresses))]);
    };
    const startMedia = async () => {
      const media = teardown.use(
        await createMediaServer(config.mediaServer, {
          ...shared,
          log,
          onAddresses: (addresses) =>
            void reachMedia(addresses).catch((error) => log.error('relay-peers-unknown', { error })),
        }),
      );
      await reachMedia(media.addresses);
    };
    const ownKeys = config.isTls && config.jwksUrl === undefined ? teardown.use(await serveOwnKeys()) : undefined;
    // Signaling listens for the media node's first announcement, so it stands before that.
    const signaling = teardown.use(
      await createSignaling(
        { ...config.signaling, ...(ownKeys === undefined ? {} : { jwksUrl: ownKeys.url }) },
        { ...shared, log },
      ),
    );
    const [databaseUrls, , relayed] = await allOrNothing([startDatabase(), startMedia(), relaying]);
    signal.throwIfAborted();
    const turn =
      config.core.turn ??
      (relayed === undefined || !config.relays
        ? undefined
        : {
            urls: relayUrls(relayed.relay.listening, config.publicUrl),
            secret: relayed.secret,
            secretFile: config.relaySecretFile,
          });
    const core = teardown.use(await createCore({ ...config.core, ...databaseUrls, turn }, { ...shared, log }));
    ownKeys?.answerWith(core);
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
        handoffPath: handoff?.path,
        publicUrl: config.publicUrl,
        core,
        signaling,
        ...(demoIssuer === undefined ? {} : { demoIssuer }),
        staticDir: config.webDir,
        registry,
        health,
        log,
        trustedProxies: config.core.trustedProxies,
        embedders: config.embedders,
      }),
    );
    if (config.internal !== undefined) {
      const { host, port, tls: files } = config.internal;
      const tls = files && teardown.use(await loadInternalTls({ files, log }));
      teardown.use(await createInternal({ host, port, tls, core, registry, health }));
    }
    if (relayed !== undefined) teardown.add(relayed.drain);
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
