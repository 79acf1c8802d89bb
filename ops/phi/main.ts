/** `npm run phi:rotate` and `npm run phi:shred`: what whoever runs Bedside does with the keys of patients. */
import { parseArgs } from 'node:util';
import { openPhiAdmin, type PhiAdmin, ShreddingRefused } from '@bedside/core';
import { OperatorError } from '@bedside/kit';
import { PersonId } from '@bedside/protocol';
import { operatorDatabase } from '../operator/database.ts';
import { upConfig } from '../up/config.ts';

const USAGE = `Usage: npm run phi:rotate [-- --prepare]

  Goes on to another key encryption key and wraps every data key anew, while Bedside runs. Interrupted, it goes on when it
  is called again.
  --prepare           only puts the next key into the key file, so that it can be copied to the other hosts first

Usage: npm run phi:shred -- --patient ID [--confirm CODE]

  Destroys a patient's data keys: what they wrote and what was written of them cannot be read any more. Without --confirm
  it says what would be lost, and the code that confirms it.
`;

const REFUSALS = {
  'no-such-patient': '--patient is the id of no patient here.',
  'not-all-sealed':
    'Some rows are not encrypted yet. Let Bedside run with BEDSIDE_JOBS=true until its task phi-seal is through, then try again.',
  'nothing-to-destroy': 'This patient has no data key: nothing of theirs is sealed, or it was destroyed before.',
  'wrong-code': '--confirm is not the code of the last twenty minutes, or the record has changed since. Ask again.',
} as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const openAdmin = async (): Promise<PhiAdmin> => {
  const config = upConfig(process.env);
  return openPhiAdmin({
    ...(await operatorDatabase(config)),
    phi: config.core.phi,
  });
};

const rotate = async (args: string[]): Promise<void> => {
  const { prepare } = parseArgs({ args, options: { prepare: { type: 'boolean', default: false } } }).values;
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort(new OperatorError('Interrupted. Call it again to go on.')));
  await using admin = await openAdmin();
  if (prepare) return say(`${await admin.prepare()} comes next. Copy the key file to every host, then run phi:rotate.`);
  let toldAt = 0;
  const rotation = await admin.rotate({
    signal: interrupted.signal,
    onProgress: (count) => {
      if (count - toldAt < 50_000) return;
      toldAt = count;
      say(`${count} data keys …`);
    },
  });
  if (rotation === undefined) return say('Nothing has been sealed yet: there is no key to change.');
  say(`${rotation.rewrapped} data keys are wrapped by ${rotation.kekId} now.`);
  if (rotation.broken > 0)
    throw new OperatorError(
      `${rotation.broken} data keys do not unwrap: somebody changed them. Restore them from a backup. Their old key stays.`,
    );
  if (!rotation.isComplete) throw new OperatorError('Keys are still being made with the old one. Call it again.');
};

const shred = async (args: string[]): Promise<void> => {
  const text = { type: 'string' } as const;
  const { patient, confirm } = parseArgs({ args, options: { patient: text, confirm: text } }).values;
  const id = PersonId.safeParse(patient);
  if (!id.success) throw new OperatorError('--patient has to be the id of a patient.');
  await using admin = await openAdmin();
  if (confirm !== undefined) {
    const lost = await admin.shred(id.data, confirm);
    say(`Destroyed. ${lost.messages} messages and answers to ${lost.answers} questionnaires cannot be read any more,`);
    say(`nor ${lost.corrections} requests for correction and ${lost.reasons} reasons why others opened the record.`);
    say(
      'Processes that run forget the key within BEDSIDE_PHI_CACHE_SECONDS. Backups: docs/runbooks/encryption-at-rest.md',
    );
    return;
  }
  const what = await admin.askToShred(id.data);
  say(`This would be lost for good: ${what.messages} messages, answers to ${what.answers} questionnaires,`);
  say(`${what.corrections} requests for correction, ${what.reasons} reasons why others opened the record,`);
  say(`${what.identifiers} identifiers, ${what.contacts} addresses. Name, appointments and the audit trail stay.`);
  say(`To destroy it, within twenty minutes: npm run phi:shred -- --patient ${what.patientId} --confirm ${what.code}`);
};

const [command, ...args] = process.argv.slice(2);
try {
  if (command === 'rotate') await rotate(args);
  else if (command === 'shred') await shred(args);
  else throw new OperatorError(USAGE);
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  const message =
    error instanceof ShreddingRefused ? REFUSALS[error.reason] : error instanceof Error ? error.message : String(error);
  const reason =
    error instanceof Error && 'reason' in error && !(error instanceof ShreddingRefused)
      ? ` (${String(error.reason)})`
      : '';
  process.stderr.write(`${message}${reason}\n${isUsage ? `\n${USAGE}` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}
