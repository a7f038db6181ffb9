// Runs all suites side by side, prints what failed, writes JUnit: one case a check.
import { chromium } from 'playwright-core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Report } from './report.mjs';
import { everyPage } from './pages.mjs';
import { journeys } from './journeys.mjs';
import { reading } from './reading.mjs';

const [fonder, out] = process.argv.slice(2);
const room = mkdtempSync(join(tmpdir(), 'fonder-browser-'));
const report = new Report('pages in a browser');
const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
    await Promise.all([everyPage, journeys, reading].map(suite =>
        report.guard(suite.name, () => suite({ browser, fonder, room, report }))));
} finally {
    await browser.close();
    rmSync(room, { recursive: true, force: true });
}
report.write(out);
console.log(report.summary());
process.exitCode = report.failed > 0 ? 1 : 0;
