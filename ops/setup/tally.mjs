/**
 * @typedef {{ passed: number, failed: number }} Tally
 * @typedef {{ numPassedTests: number, numFailedTests: number, testResults: { status: string, assertionResults: unknown[] }[] }} VitestReport
 */

/**
 * Counts a run of vitest from its JSON report and exit code: each test as one; a file that could not be run as one
 * failure; a run that failed for any other reason (an unhandled error, no test at all, a crash) as one failure.
 * @param {VitestReport | undefined} report undefined when vitest wrote none
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyVitest(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + broken.length;
  const isUnaccounted = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: isUnaccounted ? 1 : failed };
}

/** The closing line. @param {Tally} tally */
export const closingLine = ({ passed, failed }) => `${passed} passed, ${failed} failed`;
