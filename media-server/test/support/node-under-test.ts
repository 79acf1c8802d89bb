import { Rig } from './rig.ts';

/** A media node in a process of its own, so that the process can be killed. Says `ready` on standard output. */
await Rig.start({ BEDSIDE_MEDIA_PORT_BASE: process.env.BEDSIDE_MEDIA_PORT_BASE ?? '' });
process.stdout.write('ready\n');
