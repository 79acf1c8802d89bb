import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OperatorError } from '@bedside/kit';
import { readIfThere, writeOnce } from '../secret-file.ts';

/** Shorter ones could be guessed. */
export const RELAY_SECRET_MIN = 16;

/**
 * Reads the secret that core mints relay credentials with and the relay checks them with; makes it on the first start,
 * readable by its owner only.
 */
export const loadRelaySecret = async (file: string): Promise<string> => {
  let text = await readIfThere(file);
  if (text === undefined) {
    await writeOnce(file, `${randomBytes(32).toString('base64url')}\n`);
    text = await readFile(file, 'utf8');
  }
  const secret = text.trim();
  if (secret.length < RELAY_SECRET_MIN)
    throw new OperatorError(
      `${file} holds no secret of ${RELAY_SECRET_MIN} characters or more. Restore it, or delete it: a new one is made.`,
    );
  return secret;
};
