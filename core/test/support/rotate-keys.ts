/** Rotates the KEK as `npm run phi:rotate` does, so that it can be killed. Says each batch, and what came of it. */
import { openPhiAdmin } from '../../src/phi/admin.ts';

const [databaseUrl = '', keyFile = ''] = process.argv.slice(2);
const phi = { kek: 'file', keyFile, pkcs11: undefined, awsKms: undefined, cacheKeys: 0, cacheMs: 0 };
await using admin = openPhiAdmin({ databaseUrl, role: undefined, phi });
const rotation = await admin.rotate({ onProgress: (count) => process.stdout.write(`${count}\n`) });
process.stdout.write(`${JSON.stringify(rotation)}\n`);
