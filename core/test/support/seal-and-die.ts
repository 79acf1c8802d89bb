/** Seals what is there and is killed between the commit and the publication, as `kill -9` would do it. */
import { AuditKeyFile } from '../../src/audit/audit-key.ts';
import { publishPending } from '../../src/audit/publish/publisher.ts';
import { Sealer } from '../../src/audit/sealer.ts';
import { openDatabase } from './database.ts';

const [url = '', keyFile = '', now = ''] = process.argv.slice(2);
const database = openDatabase(url, 2);
const sealer = new Sealer({
  database,
  keys: new AuditKeyFile(keyFile),
  clock: () => Number(now),
  onBroken: () => undefined,
});
await sealer.drain();
await publishPending(database, {
  name: 'file',
  reached: async () => 0,
  publish: async () => void process.kill(process.pid, 'SIGKILL'),
});
