import { createHash, randomUUID } from 'node:crypto';
import {
  type AccountRole,
  CorrectionId,
  type OrganizationId,
  type PersonId,
  type Presence,
  type VisitTypeId,
} from '@bedside/protocol';
import { sql } from 'kysely';
import { spellingOf } from '../../src/directory/identifier-model.ts';
import { identifierPlace } from '../../src/directory/identifiers.ts';
import { messagePlace } from '../../src/encounters/message-texts.ts';
import { FileKek } from '../../src/phi/kek/file-kek.ts';
import { personOwner } from '../../src/phi/owner.ts';
import type { Phi } from '../../src/phi/phi.ts';
import { ACTIONS, isForMachines, type Who } from '../../src/policy/policy.ts';
import { PATIENT_RELATIONS, type PatientRelation } from '../../src/policy/relations.ts';
import { correctionPlace } from '../../src/rights/sealed-texts.ts';
import { sha256 } from '../../src/secrets.ts';
import { Browser } from './browser.ts';
import { type Clinic, MINUTE_MS, START } from './clinic.ts';
import { createTestPhi, openInEmergency } from './phi.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How whoever asks has to do with the patient and the visits of their world. `lapsed`: as much as can be, and all over. */
export const MATRIX_RELATIONS = [
  'own',
  'host',
  'member',
  ...PATIENT_RELATIONS,
  'lapsed',
  'none',
  'other-organization',
] as const;
export type MatrixRelation = (typeof MATRIX_RELATIONS)[number];

const VISITS = {
  read: { at: 0, status: 'in-visit', encounter: 'in-progress', presence: 'admitted' },
  admit: { at: HOUR_MS, status: 'in-waiting', encounter: 'planned', presence: 'ready' },
  sendBack: { at: 2 * HOUR_MS, status: 'admitted', encounter: 'planned', presence: 'admitted' },
  end: { at: 3 * HOUR_MS, status: 'in-visit', encounter: 'in-progress', presence: 'admitted' },
  cancel: { at: DAY_MS, status: 'booked', encounter: 'planned', presence: 'absent' },
  move: { at: 2 * DAY_MS, status: 'booked', encounter: 'planned', presence: 'absent' },
  noShow: { at: -HOUR_MS, status: 'booked', encounter: 'planned', presence: 'absent' },
} as const;
export type VisitName = keyof typeof VISITS;

const CORRECTIONS = {
  read: 'requested',
  extend: 'requested',
  accept: 'requested',
  deny: 'requested',
  withdraw: 'requested',
  disagree: 'denied',
  rebut: 'disagreed',
} as const;
export type CorrectionName = keyof typeof CORRECTIONS;

/** A patient, their provider, what the two have, and somebody who has to do with it in one way and asks for all of it. */
export interface World {
  readonly role: AccountRole;
  readonly relation: MatrixRelation;
  readonly who: Who;
  readonly relations: readonly PatientRelation[];
  readonly browser: Browser;
  /** A machine's token, where a machine asks. */
  readonly headers: Readonly<Record<string, string>>;
  readonly organizationId: OrganizationId;
  readonly visitTypeId: VisitTypeId;
  readonly groupTypeId: VisitTypeId;
  readonly patientId: PersonId;
  readonly hostId: PersonId;
  readonly otherId: PersonId;
  readonly memberIds: readonly PersonId[];
  /** The patient's name, and a word of the visit's thread: they are nowhere else. */
  readonly name: string;
  readonly word: string;
  readonly visits: Readonly<Record<VisitName, { readonly appointmentId: string; readonly encounterId: string }>>;
  readonly holds: readonly { readonly id: string; readonly token: string }[];
  readonly entryId: string;
  readonly feedId: string;
  readonly timeOffId: string;
  readonly grantId: string;
  readonly proxyId: string;
  readonly careTeamId: string;
  readonly coverId: string;
  readonly emergencyId: string;
  /** Another session of the patient's, and a passkey of theirs. */
  readonly sessionId: string;
  readonly passkeyId: string;
  readonly identifierId: string;
  /** Asked for by the patient. */
  readonly exportId: string;
  /** Of the patient, one for each act. */
  readonly corrections: Readonly<Record<CorrectionName, string>>;
  readonly agreementId: string;
  readonly review: { readonly id: string; readonly sha256: string };
  readonly machineId: string;
  readonly payerId: string;
}

/** A machine's public key: anybody's. */
export const MACHINE_KEY = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } as const;

const at = (ms: number): Date => new Date(START + ms);
const uuid = () => randomUUID() as never;

export interface Ground {
  readonly clinic: Clinic;
  readonly otherOrganizationId: OrganizationId;
  readonly groupTypeId: VisitTypeId;
  /** A provider and a patient who have to do with nobody. */
  readonly strangerId: PersonId;
  /** Seals what has to be. Closed by whoever prepared the ground. */
  readonly phi: Phi;
}

const addPerson = async (
  ground: Ground,
  one: {
    organizationId: OrganizationId;
    name: string;
    roles: readonly AccountRole[];
    isPatient: boolean;
    isProvider: boolean;
  },
): Promise<PersonId> => {
  const { db } = ground.clinic.database;
  const { organizationId } = one;
  const id: PersonId = uuid();
  await db
    .insertInto('people')
    .values({ id, organizationId, key: id, displayName: one.name, timeZone: 'Europe/Berlin', createdAt: at(0) })
    .execute();
  for (const role of one.roles)
    await db.insertInto('accountRoles').values({ organizationId, personId: id, role }).execute();
  if (one.isPatient) await db.insertInto('patients').values({ organizationId, personId: id, region: null }).execute();
  if (one.isProvider)
    await db.insertInto('providers').values({ organizationId, personId: id, specialty: 'General' }).execute();
  return id;
};

export const prepareGround = async (clinic: Clinic): Promise<Ground> => {
  const otherOrganizationId = await clinic.core.provisioning.upsertOrganization({
    key: 'other',
    name: 'Other',
    timeZone: 'Europe/Berlin',
  });
  const groupTypeId = await clinic.core.provisioning.upsertVisitType({
    key: 'group',
    organizationId: clinic.organizationId,
    name: 'Group',
    durationMinutes: 30,
    earlyEntryMinutes: 15,
    lateEntryMinutes: 60,
    settings: { seats: 5 },
  });
  const phi = createTestPhi({ kek: new FileKek(clinic.config.phi.keyFile) });
  const ground = { clinic, otherOrganizationId, groupTypeId, strangerId: '' as PersonId, phi };
  const strangerId = await addPerson(ground, {
    organizationId: clinic.organizationId,
    name: 'Stranger',
    roles: ['provider'],
    isPatient: true,
    isProvider: true,
  });
  return { ...ground, strangerId };
};

const relate = async (
  ground: Ground,
  ids: { actor: PersonId; patient: PersonId; host: PersonId },
  relation: MatrixRelation,
) => {
  const { db } = ground.clinic.database;
  const { organizationId } = ground.clinic;
  const isOver = relation === 'lapsed';
  const period = { validFrom: at(-2 * DAY_MS), validTo: isOver ? at(-DAY_MS) : at(30 * DAY_MS) };
  const made = { organizationId, madeBy: ids.host, madeAt: at(-2 * DAY_MS) };
  const has = (...names: MatrixRelation[]) => isOver || names.includes(relation);
  if (has('proxy-read', 'proxy-schedule'))
    await db
      .insertInto('patientProxies')
      .values({
        ...made,
        ...period,
        patientId: ids.patient,
        proxyId: ids.actor,
        kind: 'proxy',
        scopes: isOver ? ['read', 'schedule'] : [relation === 'proxy-read' ? 'read' : 'schedule'],
      })
      .execute();
  if (has('care-team'))
    await db
      .insertInto('careTeamMembers')
      .values({ ...made, ...period, patientId: ids.patient, memberId: ids.actor })
      .execute();
  if (has('covering'))
    await db
      .insertInto('providerCovers')
      .values({ ...made, ...period, providerId: ids.host, coveringId: ids.actor })
      .execute();
  if (has('break-glass'))
    await openInEmergency(ground.clinic, {
      organizationId,
      patientId: ids.patient,
      personId: ids.actor,
      reason: 'Unconscious at home',
      validFrom: isOver ? at(-2 * HOUR_MS) : at(-HOUR_MS),
      validTo: isOver ? at(-HOUR_MS) : at(HOUR_MS),
    });
};

/** The patient's as the visit has it; the provider is in a visit that is under way. */
const presenceOf = (index: number, ofPatient: Presence, encounter: string): Presence => {
  if (index === 0) return ofPatient;
  return index === 1 && encounter === 'in-progress' ? 'admitted' : 'absent';
};

let corrections = 0;

/** Lets somebody in as a machine with all that machines may be given. */
const addToken = async (
  { clinic }: Ground,
  of: { readonly organizationId: OrganizationId; readonly personId: PersonId },
  token: string,
): Promise<void> => {
  const { db } = clinic.database;
  const actions = ACTIONS.filter(isForMachines);
  await db
    .insertInto('serviceClients')
    .values({
      ...of,
      label: 'Asking',
      publicJwk: JSON.stringify(MACHINE_KEY),
      actions,
      createdBy: of.personId,
      createdAt: at(0),
    })
    .execute();
  await db
    .insertInto('serviceTokens')
    .values({ ...of, idHash: sha256(token), actions, issuedAt: at(0), expiresAt: at(HOUR_MS) })
    .execute();
};

/** What a patient's account and record have beside their visits. */
const addOwn = async (
  { clinic, phi }: Ground,
  { patientId, name }: { readonly patientId: PersonId; readonly name: string },
) => {
  const { organizationId } = clinic;
  const { db } = clinic.database;
  const ids = { sessionId: uuid(), passkeyId: uuid(), identifierId: uuid(), exportId: uuid() };
  const of = { organizationId, personId: patientId };
  await db
    .insertInto('sessions')
    .values({
      ...of,
      id: ids.sessionId,
      idHash: sha256(randomUUID()),
      createdAt: at(0),
      seenAt: at(0),
      expiresAt: at(12 * HOUR_MS),
    })
    .execute();
  await db
    .insertInto('passkeys')
    .values({
      ...of,
      id: ids.passkeyId,
      name: 'Phone',
      credentialId: randomUUID(),
      publicKey: Buffer.from('key'),
      signCount: 0,
      createdAt: at(0),
    })
    .execute();
  // Their name, so that it is seen whoever is shown it.
  const identifier = { id: ids.identifierId as string, system: 'mrn' };
  const spelled = spellingOf(identifier.system, name);
  await db
    .insertInto('patientIdentifiers')
    .values({
      ...identifier,
      organizationId,
      patientId,
      valueIndex: await phi.blindIndex(db, organizationId, {
        field: `identifier/${identifier.system}`,
        value: spelled,
      }),
      sealedValue: await phi.seal(db, personOwner(organizationId, patientId), identifierPlace(identifier), name),
      madeAt: at(0),
    })
    .execute();
  await db
    .insertInto('recordExports')
    .values({
      id: ids.exportId,
      organizationId,
      patientId,
      requestedBy: patientId,
      format: 'html',
      requestedAt: at(0),
      expiresAt: at(DAY_MS),
    })
    .execute();
  const rows = Object.entries(CORRECTIONS).map(([act, status]) => ({ act, status, id: CorrectionId.parse(uuid()) }));
  const owner = personOwner(organizationId, patientId);
  await db
    .insertInto('correctionRequests')
    .values(
      await Promise.all(
        rows.map(async ({ act, status, id }) => ({
          id,
          organizationId,
          patientId,
          requestedBy: patientId,
          about: 'other' as const,
          sealedStatement: await phi.seal(db, owner, correctionPlace(id, 'statement'), 'Wrong'),
          sealedProposed: await phi.seal(db, owner, correctionPlace(id, 'proposed'), 'Right'),
          status,
          denialBasis: status === 'requested' ? null : ('not-in-record' as const),
          dueAt: at(60 * DAY_MS),
          // The newest of all, so that lists, which begin with them, have it on their first page.
          createdAt: act === 'read' ? at(++corrections) : at(-DAY_MS),
          updatedAt: at(0),
        })),
      ),
    )
    .execute();
  const byAct = Object.fromEntries(rows.map(({ act, id }) => [act, id as string])) as Record<CorrectionName, string>;
  return { ...ids, corrections: byAct };
};

/** What the organization keeps that has to do with no patient: one of each for a world. */
const addKept = async ({ clinic }: Ground, madeBy: PersonId) => {
  const { organizationId } = clinic;
  const { db } = clinic.database;
  const ids = { agreementId: uuid(), machineId: uuid(), payerId: uuid() };
  const review = { id: uuid() as string, sha256: createHash('sha256').update(randomUUID()).digest('hex') };
  await db
    .insertInto('businessAssociateAgreements')
    .values({
      id: ids.agreementId,
      organizationId,
      basis: 'agreement',
      vendor: 'Vendor',
      purpose: 'Mail',
      destination: 'mail.test',
      categories: ['contact'],
      documentReference: 'Safe 1',
      validFrom: '2026-01-01',
      recordedBy: madeBy,
      recordedAt: at(0),
    })
    .execute();
  await db
    .insertInto('accessReviews')
    .values({
      ...review,
      id: review.id as never,
      organizationId,
      periodFrom: at(-DAY_MS),
      periodTo: at(0),
      madeAt: at(0),
      accounts: 0,
      findings: 0,
    })
    .execute();
  await db
    .insertInto('people')
    .values({
      id: ids.machineId,
      organizationId,
      key: `service:${ids.machineId}`,
      displayName: 'Machine',
      timeZone: 'Europe/Berlin',
      createdAt: at(0),
    })
    .execute();
  await db
    .insertInto('serviceClients')
    .values({
      personId: ids.machineId,
      organizationId,
      label: 'Machine',
      publicJwk: JSON.stringify(MACHINE_KEY),
      actions: ['directory.read'],
      createdBy: madeBy,
      createdAt: at(0),
    })
    .execute();
  await db.insertInto('payers').values({ id: ids.payerId, organizationId, key: ids.payerId, name: 'Payer' }).execute();
  return { ...ids, review };
};

/** One world, with what its people have. Nothing of it is in another world. */
export const makeWorld = async (ground: Ground, role: AccountRole, relation: MatrixRelation): Promise<World> => {
  const { clinic, strangerId } = ground;
  const { organizationId, visitTypeId } = clinic;
  const { db } = clinic.database;
  const mark = randomUUID().slice(0, 8);
  const [name, word] = [`Canary-${mark}`, `thread-${mark}`];
  const person = { organizationId, isPatient: false, isProvider: false };
  const patientId = await addPerson(ground, {
    ...person,
    name,
    roles: relation === 'own' ? [role] : ['patient'],
    isPatient: true,
  });
  const hostId = await addPerson(ground, {
    ...person,
    name: 'Host',
    roles: relation === 'host' ? [role] : ['provider'],
    isProvider: true,
  });
  const actorOrganizationId = relation === 'other-organization' ? ground.otherOrganizationId : organizationId;
  const actorId =
    relation === 'own'
      ? patientId
      : relation === 'host'
        ? hostId
        : await addPerson(ground, {
            organizationId: actorOrganizationId,
            name: 'Actor',
            roles: [role],
            isPatient: true,
            isProvider: true,
          });
  await relate(ground, { actor: actorId, patient: patientId, host: hostId }, relation);
  await db
    .insertInto('availabilityRules')
    .values({
      organizationId,
      providerId: hostId,
      kind: 'open',
      startsOn: '2026-01-01',
      startsMinute: 360,
      endsMinute: 1380,
      rrule: 'FREQ=DAILY',
    })
    .execute();
  // What a search and a booking look at; a whole horizon for each of many providers takes the machine long.
  const opensAt = at(3 * DAY_MS - 4 * HOUR_MS);
  const closesAt = at(3 * DAY_MS + 11 * HOUR_MS);
  await db
    .insertInto('slotDays')
    .values({
      organizationId,
      providerId: hostId,
      onDate: opensAt.toISOString().slice(0, 10),
      specialty: 'General',
      regions: null,
      visitTypeIds: null,
      firstOpenAt: opensAt,
      lastOpenAt: closesAt,
      openings: JSON.stringify([[opensAt.getTime() / MINUTE_MS, closesAt.getTime() / MINUTE_MS, []]]),
    })
    .execute();

  const visits = {} as Record<VisitName, { appointmentId: string; encounterId: string }>;
  const memberIds = relation === 'member' ? [patientId, hostId, actorId] : [patientId, hostId];
  const shapes = Object.entries(VISITS).map(([visit, shape]) => {
    const ids = { appointmentId: uuid(), encounterId: uuid() };
    visits[visit as VisitName] = ids;
    return { ...shape, ...ids, startsAt: at(shape.at), endsAt: at(shape.at + 30 * MINUTE_MS) };
  });
  const of = { organizationId, providerId: hostId, patientId, createdAt: at(0) };
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('appointments')
      .values(
        shapes.map(({ appointmentId, status, startsAt, endsAt }) => ({
          ...of,
          id: appointmentId,
          visitTypeId,
          startsAt,
          endsAt,
          status,
          providerDate: startsAt.toISOString().slice(0, 10),
          updatedAt: at(0),
        })),
      )
      .execute();
    await tx
      .insertInto('encounters')
      .values(
        shapes.map(({ appointmentId, encounterId, encounter }) => ({
          ...of,
          id: encounterId,
          appointmentId,
          status: encounter,
          startedAt: encounter === 'in-progress' ? at(0) : null,
        })),
      )
      .execute();
    await tx
      .insertInto('presences')
      .values(
        shapes.flatMap(({ encounterId, presence, encounter }) =>
          memberIds.map((personId, index) => ({
            encounterId,
            personId,
            organizationId,
            role: (['patient', 'provider', 'interpreter'] as const)[index] ?? 'guest',
            presence: presenceOf(index, presence, encounter),
            connected: false,
            since: at(0),
            admittedAt: index === 0 && presence === 'admitted' ? at(0) : null,
            enteredAt: index === 0 && presence === 'admitted' ? at(0) : null,
          })),
        ),
      )
      .execute();
    await tx
      .insertInto('calendarClaims')
      .values(
        shapes.flatMap(({ appointmentId, startsAt, endsAt }) =>
          [patientId, hostId].map((personId) => ({ organizationId, personId, appointmentId, startsAt, endsAt })),
        ),
      )
      .execute();
    const message = { id: uuid(), encounterId: visits.read.encounterId as never };
    const owner = personOwner(organizationId, patientId);
    await tx
      .insertInto('messages')
      .values({
        ...message,
        organizationId,
        seq: 1,
        senderId: hostId,
        clientMessageId: randomUUID(),
        sealedText: await ground.phi.seal(tx, owner, messagePlace(message), word),
        sentAt: at(0),
      })
      .execute();
  });

  const holds = [0, 1].map((index) => ({
    id: uuid() as string,
    token: randomUUID(),
    at: 5 * DAY_MS + index * HOUR_MS,
  }));
  for (const hold of holds) {
    const span = { startsAt: at(hold.at), endsAt: at(hold.at + 30 * MINUTE_MS) };
    await db
      .insertInto('holds')
      .values({
        id: hold.id as never,
        organizationId,
        token: hold.token,
        madeBy: patientId,
        patientId,
        providerId: hostId,
        visitTypeId,
        ...span,
        providerDate: span.startsAt.toISOString().slice(0, 10),
        expiresAt: at(10 * MINUTE_MS),
        createdAt: at(0),
      })
      .execute();
    await db
      .insertInto('calendarClaims')
      .values({ organizationId, personId: hostId, holdId: hold.id as never, ...span, expiresAt: at(10 * MINUTE_MS) })
      .execute();
  }
  const { id: timeOffId } = await db
    .insertInto('timeOff')
    .values({ organizationId, providerId: hostId, startsAt: at(15 * DAY_MS), endsAt: at(16 * DAY_MS), label: '' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: entryId } = await db
    .insertInto('waitlistEntries')
    .values({
      organizationId,
      patientId,
      visitTypeId,
      earliestAt: at(0),
      latestAt: at(20 * DAY_MS),
      madeBy: patientId,
      createdAt: at(0),
      updatedAt: at(0),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: feedId } = await db
    .insertInto('calendarFeeds')
    .values({
      organizationId,
      personId: patientId,
      view: 'patient',
      secretHash: sha256(randomUUID()),
      createdAt: at(0),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const grantId = uuid() as string;
  await db
    .insertInto('grants')
    .values({
      id: grantId as never,
      organizationId,
      encounterId: visits.read.encounterId as never,
      personId: patientId,
      role: 'patient',
      sessionHash: sha256(randomUUID()),
      issuedAt: at(0),
      expiresAt: at(5 * MINUTE_MS),
    })
    .execute();
  const made = { organizationId, madeBy: hostId, madeAt: at(0), validFrom: at(-DAY_MS), validTo: at(DAY_MS) };
  const { id: proxyId } = await db
    .insertInto('patientProxies')
    .values({ ...made, patientId, proxyId: strangerId, kind: 'proxy', scopes: ['read'] })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: careTeamId } = await db
    .insertInto('careTeamMembers')
    .values({ ...made, patientId, memberId: strangerId })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: coverId } = await db
    .insertInto('providerCovers')
    .values({ ...made, providerId: hostId, coveringId: strangerId })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: emergencyId } =
    relation === 'break-glass'
      ? await db.selectFrom('emergencyAccesses').select('id').where('personId', '=', actorId).executeTakeFirstOrThrow()
      : await openInEmergency(clinic, {
          organizationId,
          patientId,
          personId: strangerId,
          reason: 'Unconscious at home',
          validFrom: at(-HOUR_MS),
          validTo: at(HOUR_MS),
        });

  const cookie = randomUUID().replaceAll('-', '').padEnd(43, 'x');
  if (role === 'service') await addToken(ground, { organizationId: actorOrganizationId, personId: actorId }, cookie);
  await db
    .insertInto('sessions')
    .values({
      idHash: sha256(cookie),
      organizationId: actorOrganizationId,
      personId: actorId,
      createdAt: at(0),
      seenAt: at(0),
      authenticatedAt: at(0),
      expiresAt: at(12 * HOUR_MS),
    })
    .execute();
  return {
    role,
    relation,
    who: { personId: actorId, organizationId: actorOrganizationId, roles: [role] },
    relations: PATIENT_RELATIONS.filter((one) => one === relation),
    browser: new Browser(clinic.origin, role === 'service' ? {} : { bedside_session: cookie }),
    headers: role === 'service' ? { authorization: `Bearer ${cookie}` } : {},
    organizationId,
    visitTypeId,
    groupTypeId: ground.groupTypeId,
    patientId,
    hostId,
    otherId: strangerId,
    memberIds,
    name,
    word,
    visits,
    holds,
    entryId,
    feedId,
    timeOffId,
    grantId,
    proxyId,
    careTeamId,
    coverId,
    emergencyId,
    ...(await addOwn(ground, { patientId, name })),
    ...(await addKept(ground, hostId)),
  };
};

/** All that a world's patient and provider have, as one hash: equal before and after where nothing has changed. */
export const digestOf = async (clinic: Clinic, world: World, marker: string): Promise<string> => {
  const { patientId: patient, hostId: host } = world;
  const rows = (
    table: string,
    where: ReturnType<typeof sql>,
  ) => sql`(SELECT jsonb_agg(to_jsonb(row) - 'updated_at' - 'seen_at'
    ORDER BY to_jsonb(row)::text) FROM ${sql.table(table)} AS row WHERE ${where})`;
  const theirs = sql`row.patient_id = ${patient} OR row.provider_id = ${host}`;
  const visit = sql`row.encounter_id IN (SELECT id FROM encounters WHERE patient_id = ${patient} OR provider_id = ${host})`;
  const marked = (table: string, column: string) =>
    rows(table, sql`${sql.ref(`row.${column}`)} = ${marker} AND row.organization_id = ${world.organizationId}`);
  const { rows: found } = await sql<{ digest: string }>`SELECT md5(jsonb_build_array(
    ${rows('appointments', theirs)}, ${rows('encounters', theirs)}, ${rows('holds', theirs)}, ${rows('presences', visit)},
    ${rows('messages', visit)}, ${rows('grants', visit)}, ${rows('waitlist_entries', sql`row.patient_id = ${patient}`)},
    ${rows('calendar_feeds', sql`row.person_id IN (${patient}, ${host})`)},
    ${rows('patient_proxies', sql`row.patient_id = ${patient}`)}, ${rows('care_team_members', sql`row.patient_id = ${patient}`)},
    ${rows('emergency_accesses', sql`row.patient_id = ${patient}`)}, ${rows('provider_covers', sql`row.provider_id = ${host}`)},
    ${rows('availability_rules', sql`row.provider_id = ${host}`)}, ${rows('time_off', sql`row.provider_id = ${host}`)},
    ${rows('licenses', sql`row.provider_id = ${host}`)}, ${rows('daily_caps', sql`row.provider_id = ${host}`)},
    ${rows('calendar_claims', sql`row.person_id IN (${patient}, ${host})`)},
    ${rows('sessions', sql`row.id = ${world.sessionId}`)}, ${rows('passkeys', sql`row.id = ${world.passkeyId}`)},
    ${rows('patient_identifiers', sql`row.patient_id = ${patient}`)}, ${rows('record_exports', sql`row.patient_id = ${patient}`)},
    ${rows('correction_requests', sql`row.patient_id = ${patient}`)},
    ${rows('correction_events', sql`row.request_id IN (SELECT id FROM correction_requests WHERE patient_id = ${patient})`)},
    ${rows('business_associate_agreements', sql`row.id = ${world.agreementId}`)},
    ${rows('access_review_signatures', sql`row.review_id = ${world.review.id}`)},
    ${rows('service_clients', sql`row.person_id = ${world.machineId}`)}, ${rows('payers', sql`row.id = ${world.payerId}`)},
    ${marked('business_associate_agreements', 'vendor')}, ${marked('service_clients', 'label')}, ${marked('payers', 'name')},
    ${marked('holidays', 'name')}, ${marked('compact_members', 'source')}, ${marked('payer_rules', 'source')},
    ${marked('visit_types', 'name')})::text) AS digest`.execute(clinic.database.db);
  return found[0]?.digest ?? '';
};
