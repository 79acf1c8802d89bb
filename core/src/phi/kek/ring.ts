import { KekAway, type KekKind, type KekPort, type WrapContext } from './port.ts';

/** Every KEK that this process can use. An id says of which kind it is; while keys change, several kinds are in use. */
export class KekRing {
  readonly #ports: readonly KekPort[];
  readonly #preferred: KekKind;

  /** `preferred`: whose key is taken where none is in force yet. */
  constructor(ports: readonly KekPort[], preferred: KekKind) {
    this.#ports = ports;
    this.#preferred = preferred;
  }

  current(options: { readonly mayMake: boolean }): Promise<string> {
    return this.portOf(this.#preferred).current(options);
  }

  next(known: readonly string[]): Promise<string> {
    return this.portOf(this.#preferred).next(known);
  }

  wrap(kekId: string, key: Buffer, context: WrapContext): Promise<Buffer> {
    return this.portOf(kekId).wrap(kekId, key, context);
  }

  unwrap(kekId: string, wrapped: Buffer, context: WrapContext): Promise<Buffer> {
    return this.portOf(kekId).unwrap(kekId, wrapped, context);
  }

  portOf(kekId: string): KekPort {
    const port = this.#ports.find(({ kind }) => kekId === kind || kekId.startsWith(`${kind}:`));
    if (port === undefined) throw new KekAway(`kek-kind-not-configured:${kekId.split(':', 1)[0]}`);
    return port;
  }

  async close(): Promise<void> {
    await Promise.all(this.#ports.map((port) => port.close()));
  }
}
