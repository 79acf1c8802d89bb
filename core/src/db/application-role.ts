import type { CoreConfig } from '../config.ts';

/**
 * Holds the rights of what nobody asked for, and becomes `PERSON_ROLE` for a person; migrations `0008_walls` and
 * `0014_roles` make them. Whoever the application connects as is a member.
 */
export const APPLICATION_ROLE = 'bedside_app';

/** The role that connections take on; undefined where the URL's own role is a member and nothing else. */
export const applicationRoleOf = (config: Pick<CoreConfig, 'migrationDatabaseUrl'>): string | undefined =>
  config.migrationDatabaseUrl === undefined ? APPLICATION_ROLE : undefined;
