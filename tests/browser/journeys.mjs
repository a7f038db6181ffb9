// What people come to do, from the first page on, with scripts switched off.
import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Site, command } from './site.mjs';

const CARDS = [
    'BEGIN:VCARD', 'VERSION:3.0', 'FN:Mina Okafor', 'N:Okafor;Mina;;;', 'EMAIL:mina@example.org', 'BDAY:1988-02-03', 'END:VCARD',
    'BEGIN:VCARD', 'VERSION:4.0', 'FN:Jonas Berg', 'TEL:+4712345678', 'END:VCARD',
    'BEGIN:VCARD', 'VERSION:3.0', 'FN:Sofia Lindqvist', 'NOTE:no end of this card', ''].join('\r\n');

const submit = async (page, button) => {
    await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), button.click()]);
};
const main = page => page.locator('main').innerText();

// Moves a slider with the keyboard, as anyone can: from -1, "says nothing", to value.
async function slide(slider, value) {
    await slider.focus();
    await slider.press('Home');
    for (let i = -1; i < value; i++)
        await slider.press('ArrowRight');
}

async function bringIn({ page, site, report, room }) {
    const group = 'journey: bring people in';
    const file = join(room, 'people.vcf');
    writeFileSync(file, CARDS);
    await page.goto(`${site.origin}/`);
    report.is(group, 'an empty book shows how to begin', await page.locator('.steps a').count() >= 2);
    await submit(page, page.locator('#contents').getByRole('link', { name: 'Import' }));
    await page.setInputFiles('input[type=file]', file);
    await submit(page, page.getByRole('button', { name: 'Look at it first' }));
    const preview = await main(page);
    report.is(group, 'the preview names who is in the file', preview.includes('Mina Okafor') && preview.includes('Jonas Berg'), preview);
    report.is(group, 'the preview shows the damaged card and its line', /line \d+/i.test(preview), preview);
    await page.goto(`${site.origin}/people`);
    report.is(group, 'nothing is kept by looking', !(await main(page)).includes('Mina'));
    await page.goto(`${site.origin}/import`);
    await page.setInputFiles('input[type=file]', file);
    await submit(page, page.getByRole('button', { name: 'Look at it first' }));
    await submit(page, page.getByRole('button', { name: 'Keep those ticked' }));
    report.is(group, 'what was kept is said', await page.locator('.notice').count() === 1);
    await page.goto(`${site.origin}/people`);
    const there = await main(page);
    report.is(group, 'they are there', there.includes('Mina Okafor') && there.includes('Jonas Berg'), there);
    report.is(group, 'without data nothing is said about closeness', there.includes('not enough to say yet'));
    await page.goto(`${site.origin}/history`);
    await submit(page, page.getByRole('button', { name: /^Take back/ }).first());
    await page.goto(`${site.origin}/people`);
    report.is(group, 'one step takes all of it back', !(await main(page)).includes('Mina'));
    await page.goto(`${site.origin}/history`);
    report.is(group, 'and it can be brought back', await page.getByRole('button', { name: /^Bring back/ }).count() >= 1);
}

async function firstPerson({ page, site, report }) {
    const group = 'journey: someone new';
    await page.goto(`${site.origin}/people/new`);
    await page.locator('#f-name').fill('Mara Quist');
    await page.locator('input[name=kind][value=friend]').check();
    await submit(page, page.getByRole('button', { name: 'Keep', exact: true }));
    const added = await main(page);
    report.is(group, 'their page opens', (await page.locator('h1').textContent()).includes('Mara'), added);
    report.is(group, 'nothing is invented', added.includes('not enough to say yet') && await page.locator('.flower .mid').count() === 0);
    report.is(group, 'the title has no name', !(await page.title()).includes('Mara'));

    await submit(page, page.locator('main').getByRole('link', { name: 'Check in' }));
    const sliders = page.locator('input[type=range]');
    const asked = await sliders.count();
    report.is(group, 'three to five questions', asked >= 3 && asked <= 5, `${asked}`);
    for (let i = 0; i < 3; i++)
        await slide(sliders.nth(i), 7);
    await submit(page, page.getByRole('button', { name: 'Keep these answers' }));
    report.is(group, 'the check-in is kept and said once', await page.locator('.notice').count() === 1);
    await page.reload();
    report.is(group, 'a second look does not say it again', await page.locator('.notice').count() === 0);
    const story = await page.locator('.story').innerText();
    report.is(group, 'it stands in the story', /check-in/i.test(story), story);
    report.is(group, 'three answers are shown as three', await page.locator('table').count() >= 2 &&
        (await page.locator('tbody tr td:last-child').allTextContents()).reduce((sum, t) => sum + Number(t), 0) >= 1);

    // The whole picture, so that there is enough for words.
    for (let round = 0; round < 2; round++) {
        await submit(page, page.locator('main').getByRole('link', { name: 'Check in' }));
        await submit(page, page.getByRole('link', { name: /whole picture/ }));
        for (let i = 0, n = await sliders.count(); i < n; i++)
            await slide(sliders.nth(i), 8);
        await submit(page, page.getByRole('button', { name: 'Keep these answers' }));
    }
    const words = await page.locator('.rows b').allTextContents();
    report.is(group, 'with enough answers there are words', words.some(w => w !== 'not enough to say yet'), words.join('; '));
    report.is(group, 'and petals', await page.locator('.flower .mid').count() > 0);

    await submit(page, page.locator('main').getByRole('link', { name: 'What could come next' }));
    const offers = page.locator('article.offer');
    report.is(group, 'a next step is offered', await offers.count() >= 1, await main(page));
    const first = offers.first();
    report.is(group, 'with effort, how sure and why', await first.locator('dt').allTextContents()
        .then(t => ['Effort', 'How sure', 'Why this'].every(w => t.includes(w))));
    const title = await first.locator('h3').textContent();
    await submit(page, first.getByRole('button', { name: 'Not for us' }));
    report.is(group, 'the answer is kept', await page.locator('.notice').count() === 1);
    await submit(page, page.locator('main').getByRole('link', { name: 'What could come next' }));
    report.is(group, 'what is not for us is not offered again', !(await main(page)).includes(title), title);
}

async function writeDown({ page, site, report }) {
    const group = 'journey: write something down';
    await page.goto(`${site.origin}/log`);
    await page.locator('#f-text').fill('Long walk with Mara yesterday evening, talked about her father');
    await submit(page, page.getByRole('button', { name: 'Keep it' }));
    report.is(group, 'it leads to whom it names', (await page.locator('h1').textContent()).includes('Mara'), await main(page));
    const story = await page.locator('.story').innerText();
    report.is(group, 'it stands in the story, on the day it names', story.includes('talked about her father') && story.includes('21 November 2026'), story);
    await submit(page, page.locator('.notice').getByRole('button', { name: 'Take back' }));
    await page.goto(`${site.origin}/people`);
    await submit(page, page.locator('.people a', { hasText: 'Mara' }));
    report.is(group, 'the notice takes it back', !(await page.locator('.story').innerText()).includes('talked about her father'));
    await page.goto(`${site.origin}/search`);
    await page.locator('#f-text').fill('Mara');
    await submit(page, page.getByRole('button', { name: 'Look', exact: true }));
    report.is(group, 'search finds her, and the address does not say so', (await main(page)).includes('Mara Quist') && !page.url().includes('Mara'), page.url());
}

// field: where the message belongs; kept: what was typed and must still be there.
async function refused(report, page, what, { button, field, kept = {} }) {
    const group = `bad input: ${what}`;
    for (const [selector, value] of Object.entries(kept))
        await page.locator(selector).fill(value);
    await submit(page, page.getByRole('button', button));
    const message = page.locator(`[id="e-${field}"], .wrong[id="f-${field}"]`).first();
    const said = await message.count() > 0 ? (await message.textContent()).trim() : '';
    report.is(group, 'says what is wrong, at the field', said.length > 10, `${page.url()}: ${await main(page)}`);
    report.is(group, 'as an alert', await message.count() > 0 && await message.getAttribute('role') === 'alert');
    const tied = page.locator(`[aria-describedby~="e-${field}"]`);
    report.is(group, 'tied to it', await tied.count() >= 1 || await page.locator(`.wrong[id="f-${field}"]`).count() >= 1);
    report.is(group, 'nothing was kept', (await main(page)).includes('Nothing was kept yet') || field === 'passphrase');
    for (const [selector, value] of Object.entries(kept)) {
        const now = await page.locator(selector).inputValue();
        report.is(group, `${selector} still has what was typed`, now === value, now.slice(0, 80));
    }
}

async function badInput({ page, site, report, room }) {
    const go = path => page.goto(site.origin + path);
    const keep = { name: 'Keep', exact: true };
    await go('/people/new');
    await refused(report, page, 'someone without a name', { button: keep, field: 'name', kept: { '#f-nickname': 'Bea', '#f-where': 'Lyon', '#f-about': 'plays <the> "veena" & more' } });
    await go('/people/new');
    await page.locator('input[name=kind][value=mentor]').check();
    await refused(report, page, 'a name far too long', { button: keep, field: 'name', kept: { '#f-name': 'x'.repeat(300) } });
    report.is('bad input: a name far too long', 'the choice is still ticked', await page.locator('input[name=kind][value=mentor]').isChecked());
    await go('/log');
    await refused(report, page, 'something with nobody in it', { button: { name: 'Keep it' }, field: 'with', kept: { '#f-text': 'it rained all day' } });
    await go('/log');
    await refused(report, page, 'nothing written down', { button: { name: 'Keep it' }, field: 'text' });
    await go('/log');
    await page.locator('.more summary').click();
    await refused(report, page, 'a day that is none', { button: { name: 'Keep it' }, field: 'at', kept: { '#f-text': 'walk with Mara', '#f-at': 'the day of the flying fish' } });
    await go('/reflect');
    await refused(report, page, 'an empty reflection', { button: { name: 'Keep it' }, field: 'text' });
    await go('/search');
    await refused(report, page, 'looking for nothing', { button: { name: 'Look', exact: true }, field: 'text' });
    await go('/settings');
    await refused(report, page, 'settings with a name far too long', { button: keep, field: 'name', kept: { '#f-name': 'y'.repeat(300), '#f-meaning': 'being at ease' } });
    await go('/import');
    const file = join(room, 'not-a-card.txt');
    writeFileSync(file, 'hello\n');
    await page.setInputFiles('input[type=file]', file);
    await refused(report, page, 'a file that has no cards', { button: { name: 'Look at it first' }, field: 'file' });
    await go('/people');
    await submit(page, page.locator('.people a', { hasText: 'Mara' }));
    const person = page.url();
    await page.goto(`${person}/check-in`);
    await refused(report, page, 'a check-in without an answer', { button: { name: 'Keep these answers' }, field: 'answer' });
    await page.goto(`${person}/check-in`);
    const slider = page.locator('input[type=range]').first();
    await slide(slider, 6);
    await refused(report, page, 'a line far too long', { button: { name: 'Keep these answers' }, field: 'line', kept: { '#f-line': 'z'.repeat(5000) } });
    report.is('bad input: a line far too long', 'the slider still stands at 6', await page.locator('input[type=range]').first().inputValue() === '6');
    await page.goto(`${person}/edit`);
    await refused(report, page, 'an edit that takes the name away', { button: keep, field: 'name', kept: { '#f-name': '', '#f-welcome': 'a hug hello' } });
    await page.goto(`${person}/next`);
    const done = page.locator('details.done').first();
    await done.locator('summary').click();
    await done.locator('input[type=number]').fill('40');
    await done.locator('textarea').fill('we sat and listened');
    await submit(page, done.getByRole('button', { name: 'Keep it' }));
    const group = 'bad input: how it went, out of bounds';
    const open = page.locator('details.done[open]');
    report.is(group, 'says so at the offer', await open.locator('.wrong[role=alert]').count() === 1, await main(page));
    report.is(group, 'what was typed is still there', await open.locator('textarea').inputValue() === 'we sat and listened');
}

async function leaving({ browser, site, report }) {
    const group = 'leaving';
    const { context, page } = await site.enter(browser, { javaScriptEnabled: false });
    await page.goto(`${site.origin}/people`);
    const person = page.locator('.people a').first();
    const name = await person.textContent();
    await submit(page, person);
    await submit(page, page.getByRole('button', { name: 'Leave this page' }));
    const after = await page.locator('body').innerText();
    report.is(group, 'the page is gone', !after.includes(name) && !page.url().includes('/people'), `${page.url()} ${after}`);
    await page.goBack().catch(() => undefined);
    const back = await page.locator('body').innerText();
    report.is(group, 'the way back shows nothing', !back.includes(name), back.slice(0, 200));
    const again = await page.goto(`${site.origin}/people`);
    report.is(group, 'nothing answers without the new address', again.status() === 403, `status ${again.status()}`);
    report.is(group, 'no cookie remains', (await context.cookies()).length === 0);
    await context.close();
    const outside = await browser.newContext();
    const stranger = await outside.newPage();
    const first = await stranger.goto(site.addresses[0]);
    report.is(group, 'an address works once', first.status() === 403, `status ${first.status()}`);
    await outside.close();
    const inside = await site.enter(browser, {}, 1);
    report.is(group, 'the new address on the terminal leads back in', await inside.page.locator('.rooms').count() === 1, inside.page.url());
    await inside.context.close();
}

// A vault with a passphrase: locked until it is given, locked again by leaving.
async function locked({ browser, fonder, room, report }) {
    const group = 'locked';
    const home = join(room, 'sealed');
    const secret = join(room, 'passphrase');
    mkdirSync(home, { recursive: true });
    writeFileSync(secret, 'slow green river\n', { mode: 0o600 });
    const vault = join(home, 'vault');
    command(fonder, home, ['init', '--vault', vault], { FONDER_PASSPHRASE_FILE: secret });
    command(fonder, home, ['add', 'Imre Vass', '--vault', vault], { FONDER_PASSPHRASE_FILE: secret });
    const site = await Site.start(fonder, room, 'sealed', []);
    try {
        const { context, page } = await site.enter(browser, { javaScriptEnabled: false });
        report.is(group, 'only the way to unlock is shown', page.url().endsWith('/unlock') && await page.locator('.rooms').count() === 0, page.url());
        await page.goto(`${site.origin}/people`);
        report.is(group, 'other pages lead there', page.url().endsWith('/unlock'), page.url());
        await page.locator('#f-passphrase').fill('a guess');
        await submit(page, page.getByRole('button', { name: 'Open' }));
        report.is(group, 'a wrong passphrase is said at the field', await page.locator('#e-passphrase').count() === 1);
        report.is(group, 'and is not shown again', await page.locator('#f-passphrase').inputValue() === '');
        report.is(group, 'the page about unsafe relationships can be read', (await page.goto(`${site.origin}/safety`)).status() === 200);
        await page.goto(`${site.origin}/unlock`);
        await page.locator('#f-passphrase').fill('slow green river');
        await submit(page, page.getByRole('button', { name: 'Open' }));
        await page.goto(`${site.origin}/people`);
        report.is(group, 'the right one opens', (await main(page)).includes('Imre Vass'), page.url());
        await submit(page, page.getByRole('button', { name: 'Leave this page' }));
        await page.goto(`${site.origin}/people`);
        report.is(group, 'leaving has locked it', page.url().endsWith('/unlock') && !(await page.locator('body').innerText()).includes('Imre'), page.url());
        await context.close();
    } finally {
        await site.stop();
    }
}

export async function journeys(all) {
    const { browser, fonder, room, report } = all;
    const site = await Site.start(fonder, room, 'new', ['--no-passphrase']);
    try {
        const { context, page } = await site.enter(browser, { javaScriptEnabled: false, viewport: { width: 360, height: 800 } });
        const at = { ...all, site, page };
        for (const step of [bringIn, firstPerson, writeDown, badInput])
            await report.guard(`journey: ${step.name}`, () => step(at));
        await context.close();
        await site.stop();
        const again = await Site.start(fonder, room, 'new', ['--no-passphrase']);
        await report.guard('leaving', () => leaving({ ...all, site: again }));
        await again.stop();
    } finally {
        await site.stop();
    }
    await report.guard('locked', () => locked(all));
}
