import type { AccessReviewReport } from './model.ts';

/** One line of plain text, without what Markdown or HTML would take for more. */
const plain = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').replace(/[\\`*_{}[\]<>()#+!|~&-]/g, '\\$&');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? 'None.\n'
    : `| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|\n${rows.map((row) => `| ${row.map(plain).join(' | ')} |`).join('\n')}\n`;

/** The report to read, to print and to sign under. `sha256` is that of the JSON file, which the signature holds for. */
export const toMarkdown = (report: AccessReviewReport, sha256: string): string => {
  const names = new Map<string, string>(report.accounts.map(({ id, name }) => [id, name]));
  const nameOf = (id: string) => names.get(id) ?? id;
  const day = (instant: string) => instant.slice(0, 10);
  return `# Access review: ${plain(report.organization.name)}

From ${day(report.period.from)} to before ${day(report.period.to)}, made ${report.madeAt}. Review \`${report.id}\`.

SHA-256 of the JSON file: \`${sha256}\`

## To look at

${table(
  ['what', 'who', 'why'],
  report.findings.map(({ kind, personId, detail }) => [kind, nameOf(personId), detail]),
)}
## Who could see what

${report.accounts.length} accounts reach more than their own record. Besides them ${report.patientAccounts.active} open and ${report.patientAccounts.closed} closed accounts of patients reach their own.

${table(
  ['who', 'roles', 'open', 'since'],
  report.accounts.map(({ name, roles, isActive, since }) => [
    name,
    roles.join(', '),
    isActive ? 'yes' : 'no',
    day(since),
  ]),
)}
### Rights of roles

${table(
  ['role', 'may'],
  Object.entries(report.rights).map(([role, actions]) => [role, actions.join(', ')]),
)}
### Machines

${table(
  ['machine', 'may', 'since', 'revoked'],
  report.machines.map(({ label, actions, since, revokedAt }) => [
    label,
    actions.join(', '),
    day(since),
    revokedAt === undefined ? 'no' : day(revokedAt),
  ]),
)}
### Relationships

${table(
  ['what', 'who', 'of', 'from', 'to'],
  report.relationships.map(({ kind, personId, ofId, from, to }) => [
    kind,
    nameOf(personId),
    nameOf(ofId),
    day(from),
    to === undefined ? 'open' : day(to),
  ]),
)}
## Who did

${table(
  ['who', 'action', 'patients were', 'done', 'denied', 'patients', 'last'],
  report.accounts.flatMap(({ name, activity }) =>
    activity.map((one) => [
      name,
      one.action,
      one.relation,
      String(one.done),
      String(one.denied),
      String(one.patients),
      day(one.lastAt),
    ]),
  ),
)}
## Break-glass

${table(
  ['who', 'patient', 'reason', 'from', 'to'],
  report.emergencies.map(({ personId, patientId, reason, from, to }) => [
    nameOf(personId),
    patientId,
    reason,
    from,
    to,
  ]),
)}
## Records that others than their patients asked for

${table(
  ['who', 'patient', 'reason', 'at'],
  report.exports.map(({ personId, patientId, reason, at }) => [nameOf(personId), patientId, reason, at]),
)}`;
};
