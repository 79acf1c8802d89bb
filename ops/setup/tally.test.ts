import { expect, test } from 'vitest';
import { closingLine, tallyVitest } from './tally.mjs';

const file = { status: 'passed', assertionResults: [{}] };
const brokenFile = { status: 'failed', assertionResults: [] };
const report = { numPassedTests: 3, numFailedTests: 0, testResults: [file] };

test.each([
  ['all tests pass', report, 0, '3 passed, 0 failed'],
  ['a test fails', { ...report, numFailedTests: 1 }, 1, '3 passed, 1 failed'],
  ['a file cannot be run', { ...report, testResults: [file, brokenFile] }, 1, '3 passed, 1 failed'],
  [
    'a file that cannot be run leaves the exit code at 0',
    { ...report, testResults: [brokenFile] },
    0,
    '3 passed, 1 failed',
  ],
  ['something fails outside of the tests', report, 1, '3 passed, 1 failed'],
  ['no test is found', { numPassedTests: 0, numFailedTests: 0, testResults: [] }, 0, '0 passed, 1 failed'],
  ['vitest dies without a report', undefined, 139, '0 passed, 1 failed'],
])('the closing line when %s', (_, given, exitCode, line) => {
  expect(closingLine(tallyVitest(given, exitCode))).toBe(line);
});
