import type { Page, Protocol } from 'puppeteer-core';

const wordsOf = ({ details }: Protocol.Audits.InspectorIssue): string | undefined => {
  const issue = details.contentSecurityPolicyIssueDetails;
  if (issue === undefined) return undefined;
  const at = issue.sourceCodeLocation;
  const where = at === undefined ? '' : ` at ${at.url}:${at.lineNumber}`;
  return `${issue.violatedDirective} (${issue.contentSecurityPolicyViolationType}) ${issue.blockedURL ?? ''}${where}`.trim();
};

/**
 * Tells `onBreach` of whatever the page's content security policy and its trusted types refuse, one line each, from
 * now on. By the debugger: nothing of it is in the page.
 */
export const watchPolicy = async (page: Page, onBreach: (words: string) => void): Promise<void> => {
  const session = await page.createCDPSession();
  session.on('Audits.issueAdded', ({ issue }) => {
    const words = wordsOf(issue);
    if (words !== undefined) onBreach(words);
  });
  await session.send('Audits.enable');
};
