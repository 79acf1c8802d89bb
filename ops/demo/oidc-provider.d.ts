/** What the demo issuer uses of oidc-provider 9, which brings no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface KoaContext {
    type: string;
    status: number;
    body: string;
    readonly oidc: {
      readonly params: Readonly<Record<string, string | undefined>>;
      readonly result?: { readonly login?: { readonly accountId: string } };
      readonly client: { readonly clientId: string };
      readonly session: { readonly accountId: string };
      readonly provider: Provider;
    };
  }

  export interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  export interface InteractionDetails {
    readonly uid: string;
    readonly params: Readonly<Record<string, unknown>>;
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    proxy: boolean;
    silent: boolean;
    readonly Grant: new (fields: {
      accountId: string;
      clientId: string;
    }) => Grant;
    callback(): (req: IncomingMessage, res: ServerResponse) => void;
    interactionDetails(req: IncomingMessage, res: ServerResponse): Promise<InteractionDetails>;
    interactionFinished(
      req: IncomingMessage,
      res: ServerResponse,
      result: { login: { accountId: string } },
    ): Promise<void>;
    on(event: 'server_error', listener: (ctx: KoaContext, error: unknown) => void): this;
  }

  interface Prompt {
    readonly checks: { add(check: Check): void };
  }
  class Check {
    constructor(reason: string, description: string, check: (ctx: KoaContext) => boolean);
    static readonly REQUEST_PROMPT: true;
    static readonly NO_NEED_TO_PROMPT: false;
  }
  export const interactionPolicy: {
    readonly base: () => { get(name: string): Prompt | undefined };
    readonly Check: typeof Check;
  };
}
