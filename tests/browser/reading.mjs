// What someone hears who does not see the page, and where the keyboard goes.
import { Site } from './site.mjs';

async function focusable(page) {
    return page.evaluate(() => {
        const groups = new Set();
        return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), textarea, select, summary')]
            .filter(e => e.checkVisibility({ visibilityProperty: true }))
            .filter(e => {
                if (e.type !== 'radio')
                    return true;
                const group = e.name + (e.form?.action ?? '');
                return groups.has(group) ? false : groups.add(group);
            }).length;
    });
}

// Tab by Tab until the page is left; each stop must be marked by an outline.
async function walk(page) {
    const stops = { n: 0, bare: [] };
    const LIMIT = 600;
    await page.evaluate(() => { document.body.tabIndex = -1; document.body.focus(); window.walked = new Set(); });
    for (let i = 0; i < LIMIT; i++) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => {
            const e = document.activeElement;
            if (e && e === window.before && e.type === 'date')
                return 'within'; // a date has a stop for its day, month and year
            window.before = e;
            if (!e || e === document.body || window.walked.has(e))
                return null;
            window.walked.add(e);
            const look = getComputedStyle(e);
            return { marked: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2, what: e.outerHTML.slice(0, 80) };
        });
        if (!at)
            break;
        if (at === 'within')
            continue;
        stops.n++;
        if (!at.marked)
            stops.bare.push(at.what);
    }
    return stops;
}

// What people ask of their system is heeded.
async function preferences(page, site, report) {
    const group = 'preferences';
    await page.goto(`${site.origin}/`);
    const soft = () => page.locator('.lead').first().evaluate(e => getComputedStyle(e).color);
    const text = () => page.locator('h1').evaluate(e => getComputedStyle(e).color);
    const moves = () => page.locator('.leave').evaluate(e => parseFloat(getComputedStyle(e).transitionDuration));
    await page.emulateMedia({ contrast: 'more' });
    report.is(group, 'more contrast: quiet words are as dark as the others', await soft() === await text());
    await page.emulateMedia({ contrast: null, reducedMotion: 'reduce' });
    report.is(group, 'less motion: nothing moves', await moves() === 0);
    await page.emulateMedia({ reducedMotion: null, media: 'print' });
    report.is(group, 'print: the bar and the contents stay away',
        !await page.locator('.top').isVisible() && !await page.locator('.foot').isVisible());
    await page.emulateMedia({ media: null, forcedColors: 'active' });
    report.is(group, 'forced colours: leave still has an edge',
        await page.locator('.leave').evaluate(e => getComputedStyle(e).borderTopStyle) === 'solid');
    await page.emulateMedia({ forcedColors: null });
}

export async function reading({ browser, fonder, room, report }) {
    const site = await Site.start(fonder, room, 'reading', ['--demo']);
    try {
        const { context, page } = await site.enter(browser, { viewport: { width: 1280, height: 900 } });
        await page.goto(`${site.origin}/people`);
        const link = page.locator('.people a').first();
        const name = await link.textContent();
        await link.click();
        await page.locator('details').evaluateAll(all => all.forEach(d => { d.open = true; }));
        const heard = await page.locator('body').ariaSnapshot();
        const has = (what, form) => report.is('read aloud: a person', what, form.test(heard), heard);
        has('the page begins with their name', new RegExp(`heading "${name}" \\[level=1\\]`));
        has('the flower has a name', /- img "[^"]+"/);
        has('the flower is named after them', new RegExp(`- img "[^"]*${name}[^"]*"`));
        has('the table of types', /- table "Types[^"]*":/);
        has('the table of roots', /- table "Roots[^"]*":/);
        for (const column of ['Type', 'Felt', 'Likely range', 'Wanted', 'Answers'])
            has(`column ${column}`, new RegExp(`- columnheader "${column}"`));
        for (const type of ['Emotional', 'Intellectual', 'Physical', 'Experiential', 'Spiritual'])
            has(`row ${type}`, new RegExp(`- rowheader "${type}"`));
        has('parts of the page are regions', /- region "Story"/);
        has('navigation has a name', /- navigation "Main"/);
        has('leave is a button', /- button "Leave this page"/);
        const pictures = await page.locator('svg:not([role])').evaluateAll(all =>
            all.filter(s => !s.closest('[aria-hidden=true]') && !s.closest('svg[role]')).length);
        report.is('read aloud: a person', 'other drawings are silent', pictures === 0, `${pictures} are not`);

        for (const path of [new URL(page.url()).pathname, '/', '/log', '/people/new', '/history']) {
            await page.goto(site.origin + path);
            const all = await focusable(page);
            const stops = await walk(page);
            const group = `keyboard: ${path.replace(/[0-9a-z]{26}/, '{id}')}`;
            report.is(group, 'everything is reached', stops.n >= all, `${stops.n} of ${all}`);
            report.expect(group, 'each stop is marked', stops.bare.slice(0, 5));
        }
        await page.goto(`${site.origin}/log`);
        await page.keyboard.press('Tab');
        const skip = await page.evaluate(() => document.activeElement.getAttribute('href'));
        report.is('keyboard', 'the first stop skips to the page', skip === '#main', skip);
        await preferences(page, site, report);
        await context.close();
    } finally {
        await site.stop();
    }
}
