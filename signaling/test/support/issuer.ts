import { createHash, randomUUID } from 'node:crypto';
import {
  AppointmentId,
  EncounterId,
  GRANT_AUDIENCE,
  GRANT_TYPE,
  GrantId,
  Permissions,
  PersonId,
  RoomId,
  type VisitRole,
} from '@bedside/protocol';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** One visit and the people in it, with random ids. */
export interface TestVisit {
  readonly encounterId: EncounterId;
  readonly appointmentId: AppointmentId;
  readonly roomId: RoomId;
}

export const newVisit = (): TestVisit => ({
  encounterId: EncounterId.parse(randomUUID()),
  appointmentId: AppointmentId.parse(randomUUID()),
  roomId: RoomId.parse(randomUUID()),
});

export interface TestPerson {
  readonly personId: PersonId;
  readonly role: VisitRole;
  readonly permissions: Permissions;
  /** Value of the browser session's cookie. */
  readonly cookie: string;
}

const SPEAK = { publishAudio: true, publishVideo: true, subscribe: true, chat: true };

const person = (role: VisitRole, permissions: Partial<Permissions>): TestPerson => ({
  personId: PersonId.parse(randomUUID()),
  role,
  permissions: Permissions.parse(permissions),
  cookie: `cookie-${randomUUID()}`,
});

export const newPatient = (permissions: Partial<Permissions> = SPEAK): TestPerson => person('patient', permissions);
export const newProvider = (permissions: Partial<Permissions> = {}): TestPerson =>
  person('provider', {
    ...SPEAK,
    publishScreen: true,
    enter: true,
    admit: true,
    mute: true,
    end: true,
    ...permissions,
  });

export const hashOf = (cookie: string): string => createHash('sha256').update(cookie).digest('base64url');

export interface MintOptions {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: CryptoKey | Uint8Array;
  /** ms since the epoch; the grant begins here. */
  readonly now?: number;
  readonly lifeMs?: number;
}

/** Signs grants as core does. */
export class TestIssuer {
  readonly issuer: string;
  readonly kid = 'key-1';
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;

  private constructor(issuer: string, privateKey: CryptoKey, publicJwk: JWK) {
    this.issuer = issuer;
    this.privateKey = privateKey;
    this.publicJwk = publicJwk;
  }

  static async create(issuer: string): Promise<TestIssuer> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    return new TestIssuer(issuer, privateKey, {
      ...(await exportJWK(publicKey)),
      kid: 'key-1',
      alg: 'EdDSA',
      use: 'sig',
    });
  }

  get jwks(): { keys: JWK[] } {
    return { keys: [this.publicJwk] };
  }

  claims(visit: TestVisit, who: TestPerson, options: MintOptions = {}): Record<string, unknown> {
    const nowSeconds = Math.floor((options.now ?? Date.now()) / 1_000);
    return {
      iss: this.issuer,
      aud: GRANT_AUDIENCE,
      sub: who.personId,
      jti: GrantId.parse(randomUUID()),
      enc: visit.encounterId,
      apt: visit.appointmentId,
      room: visit.roomId,
      role: who.role,
      sid: hashOf(who.cookie),
      perm: who.permissions,
      iat: nowSeconds,
      nbf: nowSeconds,
      exp: nowSeconds + Math.floor((options.lifeMs ?? 300_000) / 1_000),
      ...options.claims,
    };
  }

  async mint(visit: TestVisit, who: TestPerson, options: MintOptions = {}): Promise<string> {
    const header = { alg: 'EdDSA', typ: GRANT_TYPE, kid: this.kid, ...options.header };
    return new SignJWT(this.claims(visit, who, options))
      .setProtectedHeader(header)
      .sign(options.key ?? this.privateKey);
  }
}
