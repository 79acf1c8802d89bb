import { readFileSync } from 'node:fs';
import { ConfigError } from '@bedside/kit';
import { type IssuerConfig, onlyIssuer, parseIssuers } from './issuer-config.ts';

/** Those of the file, or the one that the environment names. */
export const issuersOf = (env: {
  BEDSIDE_ISSUERS_FILE?: string | undefined;
  BEDSIDE_OIDC_ISSUER?: string | undefined;
  BEDSIDE_OIDC_CLIENT_ID?: string | undefined;
  BEDSIDE_OIDC_CLIENT_SECRET?: string | undefined;
  BEDSIDE_OIDC_STEP_UP_ACR: readonly string[];
}): readonly IssuerConfig[] => {
  const { BEDSIDE_OIDC_ISSUER: issuer, BEDSIDE_OIDC_CLIENT_ID: clientId } = env;
  if (env.BEDSIDE_ISSUERS_FILE !== undefined) return issuersIn(env.BEDSIDE_ISSUERS_FILE);
  if (issuer === undefined || clientId === undefined) return [];
  return [
    onlyIssuer({
      issuer,
      clientId,
      clientSecret: env.BEDSIDE_OIDC_CLIENT_SECRET,
      stepUpAcr: env.BEDSIDE_OIDC_STEP_UP_ACR,
    }),
  ];
};

const issuersIn = (file: string): readonly IssuerConfig[] => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new ConfigError(['BEDSIDE_ISSUERS_FILE: cannot be read']);
  }
  const parsed = parseIssuers(text);
  if ('problems' in parsed) throw new ConfigError(parsed.problems.map((problem) => `BEDSIDE_ISSUERS_FILE: ${problem}`));
  return parsed.issuers;
};
