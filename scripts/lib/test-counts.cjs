'use strict';
const fs = require('node:fs');

const ONE_FAILED = { passed: 0, failed: 1 };

/** Counts from the JSON report of vitest. A file that could not even be loaded is one failure. */
function countVitest(file, exitCode) {
  return counted(file, exitCode, (report) => {
    const unloadable = report.testResults.filter(
      (each) => each.status === 'failed' && each.assertionResults.length === 0,
    );
    return { passed: report.numPassedTests, failed: report.numFailedTests + unloadable.length };
  });
}

/** Counts from the JSON report of Playwright. A test that passed at the second try has passed. */
function countPlaywright(file, exitCode) {
  return counted(file, exitCode, ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected }));
}

/** A tool that says it failed has failed, whatever its report says or whether there is one. */
function counted(file, exitCode, count) {
  if (!fs.existsSync(file)) return ONE_FAILED;
  const { passed, failed } = count(JSON.parse(fs.readFileSync(file, 'utf8')));
  return { passed, failed: exitCode === 0 ? failed : Math.max(failed, 1) };
}

module.exports = { ONE_FAILED, countVitest, countPlaywright };
