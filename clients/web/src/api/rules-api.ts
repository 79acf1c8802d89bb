/** The rules of the house, which administrators keep. Lists are replaced as a whole. */
import {
  CompactList,
  type CompactMember,
  type DailyCap,
  DailyCapList,
  type Holiday,
  HolidayList,
  type License,
  LicenseList,
  PayerId,
  type PayerRule,
  PayerRuleList,
  PayerSettings,
  type PersonId,
  VisitTypeId,
  VisitTypeSettings,
} from '@bedside/protocol';
import { call, listOf, noContent } from './http.ts';
import { type Once, once } from './scheduling-api.ts';

const base = '/api/v1';

const KeptPayer = PayerSettings.extend({ id: PayerId });
export type KeptPayer = ReturnType<typeof KeptPayer.parse>;
const KeptVisitType = VisitTypeSettings.extend({ id: VisitTypeId });
export type KeptVisitType = ReturnType<typeof KeptVisitType.parse>;

/** All of them, those that can be named for no visit any more too. */
export const fetchPayerSettings = (): Promise<KeptPayer[]> =>
  call('GET', `${base}/payers/settings`, listOf('payers', KeptPayer));

export const addPayer = (settings: PayerSettings, how: Once): Promise<KeptPayer> =>
  call('POST', `${base}/payers`, KeptPayer, once(settings, how));

export const savePayer = ({ id, ...settings }: KeptPayer): Promise<KeptPayer> =>
  call('PUT', `${base}/payers/${id}`, KeptPayer, { body: settings });

/** A list as it was read. */
export interface Versioned<Row> {
  readonly version: string;
  readonly rows: readonly Row[];
}

export const fetchPayerRules = async (): Promise<Versioned<PayerRule>> => {
  const { version, rules } = await call('GET', `${base}/payer-rules`, PayerRuleList);
  return { version, rows: rules };
};

/** In the place of what was there; `version_conflict` where it changed since `version`. */
export const savePayerRules = ({ version, rows }: Versioned<PayerRule>): Promise<undefined> =>
  call('PUT', `${base}/payer-rules`, noContent, { body: { version, rules: rows } });

export const fetchLicenses = async (providerId: PersonId): Promise<Versioned<License>> => {
  const { version, licenses } = await call('GET', `${base}/providers/${providerId}/licenses`, LicenseList);
  return { version, rows: licenses };
};

/** In the place of what was there; `version_conflict` where it changed since `version`. What is booked stays. */
export const saveLicenses = (providerId: PersonId, { version, rows }: Versioned<License>): Promise<undefined> =>
  call('PUT', `${base}/providers/${providerId}/licenses`, noContent, { body: { version, licenses: rows } });

export const fetchHolidays = async (): Promise<Versioned<Holiday>> => {
  const { version, holidays } = await call('GET', `${base}/holidays`, HolidayList);
  return { version, rows: holidays };
};

/** As `savePayerRules`. Providers’ days follow within moments; what is booked stays. */
export const saveHolidays = ({ version, rows }: Versioned<Holiday>): Promise<undefined> =>
  call('PUT', `${base}/holidays`, noContent, { body: { version, holidays: rows } });

export const fetchCompacts = async (): Promise<Versioned<CompactMember>> => {
  const { version, members } = await call('GET', `${base}/compacts`, CompactList);
  return { version, rows: members };
};

/** As `savePayerRules`. Providers’ days follow within moments; what is booked stays. */
export const saveCompacts = ({ version, rows }: Versioned<CompactMember>): Promise<undefined> =>
  call('PUT', `${base}/compacts`, noContent, { body: { version, members: rows } });

export const fetchDailyCaps = async (providerId: PersonId): Promise<Versioned<DailyCap>> => {
  const { version, caps } = await call('GET', `${base}/providers/${providerId}/daily-caps`, DailyCapList);
  return { version, rows: caps };
};

/** As `savePayerRules`. What is booked stays. */
export const saveDailyCaps = (providerId: PersonId, { version, rows }: Versioned<DailyCap>): Promise<undefined> =>
  call('PUT', `${base}/providers/${providerId}/daily-caps`, noContent, { body: { version, caps: rows } });

/** All of them, those that cannot be booked too. */
export const fetchVisitTypeSettings = (): Promise<KeptVisitType[]> =>
  call('GET', `${base}/visit-types/settings`, listOf('visitTypes', KeptVisitType));

export const addVisitType = (settings: VisitTypeSettings, how: Once): Promise<KeptVisitType> =>
  call('POST', `${base}/visit-types`, KeptVisitType, once(settings, how));

/** What is booked stays. */
export const saveVisitType = ({ id, ...settings }: KeptVisitType): Promise<KeptVisitType> =>
  call('PUT', `${base}/visit-types/${id}`, KeptVisitType, { body: settings });
