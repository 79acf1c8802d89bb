import { type Apt, ensurePackages, missingPackages, systemApt } from './apt.ts';
import type { Report } from './report.mjs';

/**
 * For tests that make certificates, have Chromium trust them, build networks with firewalls, and ask somebody else what
 * time it is.
 */
const PACKAGES = ['openssl', 'libnss3-tools', 'iproute2', 'nftables', 'python3-dateutil'];

/**
 * Installs what those tests call, where this is root: nobody else may make networks. What cannot be had is no failure;
 * the tests that need it say so and are left out.
 */
export async function provideNetworkTools(
  report: Report,
  { apt = systemApt, missing = missingPackages(PACKAGES) }: { apt?: Apt; missing?: readonly string[] } = {},
): Promise<void> {
  if (missing.length === 0 || !apt.isRoot) return;
  report.begin('Installing tools for the tests');
  try {
    await ensurePackages({ why: 'Testing networks and time zones', packages: PACKAGES }, report.note, { apt, missing });
  } catch {
    report.note(`not to be had: ${missing.join(', ')}; the tests that need them are left out`);
  }
}
