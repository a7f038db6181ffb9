// Every page that can be opened, at the widths of a phone and of a desk, by day and by night.
import AxeBuilder from '@axe-core/playwright';
import { Site } from './site.mjs';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
// All of axe's rules at each width and by each light; what light and width can change, in every pairing.
const CHANGING = ['color-contrast', 'target-size', 'scrollable-region-focusable', 'link-in-text-block'];
const VIEWS = [
    { width: 360, colorScheme: 'light', all: true }, { width: 360, colorScheme: 'dark' },
    { width: 1280, colorScheme: 'light' }, { width: 1280, colorScheme: 'dark', all: true },
];
const NARROWEST = 320;
const PROMISED = {
    'content-security-policy': /^default-src 'self'; (?!.*unsafe).*form-action 'self'.*base-uri 'none'; frame-ancestors 'none'/,
    'x-content-type-options': /^nosniff$/,
    'referrer-policy': /^no-referrer$/,
    'cache-control': /^no-store$/,
    'cross-origin-opener-policy': /^same-origin$/,
    'cross-origin-resource-policy': /^same-origin$/,
};

// Paths of all pages; those of a person with the first person and with one who is grieved for or far.
async function paths(page, origin) {
    await page.goto(`${origin}/people`);
    const people = await page.locator('.people a').evaluateAll(links =>
        links.map(a => ({ name: a.textContent, path: a.getAttribute('href') })));
    const one = people[0].path;
    await page.goto(`${origin}/reflect`);
    await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
    const prompt = await page.locator('.prompts a').first().getAttribute('href');
    const list = ['/', '/people', '/people/new', one, `${one}/edit`, `${one}/check-in`, `${one}/next`,
        people[people.length - 1].path, '/check-in', '/log', '/reflect', prompt, '/search', '/import', '/export', '/history', '/settings',
        '/settings/passphrase', '/settings/recovery', '/settings/backups', '/merge', `${one}/merge`, `${one}/forget`, '/recover',
        '/insights', '/meaning', '/meaning?kind=friend', '/learn', '/learn/physical', '/learn/trust', '/safety', '/welcome', '/nowhere'];
    return { list, names: people.map(p => p.name) };
}

const label = path => path.replace(/[0-9a-z]{26}/g, '{id}');

async function inPage(page) {
    return page.evaluate(() => {
        const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
        const inline = document.querySelectorAll('script, style, [style]').length +
            [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length;
        const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
        return {
            wide, inline, title: document.title,
            h1: document.querySelectorAll('h1').length,
            twice: ids.filter((id, i) => ids.indexOf(id) !== i),
            example: document.body.textContent.includes('The people in it are invented'),
        };
    });
}

// "Leave this page" is in sight at the top and still there at the end of the page.
async function leaveInSight(page) {
    const seen = async () => {
        const box = await page.locator('.leave').boundingBox();
        const size = page.viewportSize();
        return box !== null && box.y >= 0 && box.y + box.height <= size.height && box.x >= 0 && box.x + box.width <= size.width;
    };
    const top = await seen();
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    const end = await seen();
    await page.evaluate(() => window.scrollTo(0, 0));
    return top && end;
}

async function look(site, context, path, view, names, report) {
    const page = await context.newPage();
    const group = `${label(path)} ${view.width} ${view.colorScheme}`;
    const noise = [];
    page.on('console', m => {
        if (!(path === '/nowhere' && m.text().includes('404')))
            noise.push(`${m.type()}: ${m.text()}`);
    });
    page.on('pageerror', e => noise.push(`error: ${e}`));
    page.on('requestfailed', r => noise.push(`failed: ${r.url()}`));
    page.on('request', r => {
        if (new URL(r.url()).origin !== site.origin)
            noise.push(`outside: ${r.url()}`);
    });
    const response = await page.goto(site.origin + path);
    const headers = response.headers();
    report.is(group, 'answers', response.status() === (path === '/nowhere' ? 404 : 200), `status ${response.status()}`);
    report.expect(group, 'headers as promised', Object.entries(PROMISED)
        .filter(([name, form]) => !form.test(headers[name] ?? '')).map(([name]) => `${name}: ${headers[name]}`));
    const seen = await inPage(page);
    report.is(group, 'nothing inline', seen.inline === 0, `${seen.inline} elements`);
    report.is(group, 'title without a name', seen.title.endsWith(' · fonder') && !names.some(n => seen.title.includes(n)), seen.title);
    report.is(group, 'one heading of the page', seen.h1 === 1, `${seen.h1} h1`);
    report.is(group, 'ids are unique', seen.twice.length === 0, seen.twice.join(', '));
    report.is(group, 'says that it is an example', seen.example);
    report.is(group, 'no sideways scrolling', seen.wide <= 0, `${seen.wide} px too wide`);
    report.is(group, 'leave is in sight', await leaveInSight(page));
    await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
    const builder = new AxeBuilder({ page });
    const axe = await (view.all ? builder.withTags(RULES) : builder.withRules(CHANGING)).analyze();
    report.expect(group, 'axe', axe.violations.map(v => `${v.id}: ${v.help}\n` +
        v.nodes.slice(0, 4).map(n => `  ${n.target.join(' ')}: ${n.failureSummary?.split('\n').slice(1, 3).join(' ')}`).join('\n')));
    if (view.width === 360 && view.colorScheme === 'light') {
        await page.setViewportSize({ width: NARROWEST, height: 800 });
        const narrow = await inPage(page);
        report.is(group, `no sideways scrolling at ${NARROWEST}`, narrow.wide <= 0, `${narrow.wide} px too wide`);
    }
    report.expect(group, 'console and network are quiet', noise);
    await page.close();
}

export async function everyPage({ browser, fonder, room, report }) {
    const site = await Site.start(fonder, room, 'example', ['--demo']);
    try {
        const { context, page } = await site.enter(browser);
        const state = await context.storageState();
        const { list, names } = await paths(page, site.origin);
        await context.close();
        await Promise.all(VIEWS.map(async view => {
            const own = await browser.newContext({ storageState: state, locale: 'en-GB', colorScheme: view.colorScheme,
                viewport: { width: view.width, height: 800 } });
            for (const path of list)
                await report.guard(`${label(path)} ${view.width} ${view.colorScheme}`, () => look(site, own, path, view, names, report));
            await own.close();
        }));
    } finally {
        await site.stop();
    }
}
