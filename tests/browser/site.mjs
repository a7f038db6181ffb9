// A running fonder with a vault of its own, and a way in.
import { spawn, execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export const NOW = '2026-11-22T10:00:00+00:00';
const START_MS = 60000;
const STEP_MS = 30000;

function surroundings(home, more) {
    const env = { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: home, LANG: 'C.UTF-8', TZ: 'UTC', FONDER_NOW: NOW };
    return { ...env, ...more };
}

export function command(fonder, home, args, more = {}) {
    mkdirSync(home, { recursive: true });
    return execFileSync(fonder, args, { env: surroundings(home, more), encoding: 'utf8' });
}

export class Site {
    // args: of "serve". The address, with its one-time token, is the first thing it prints.
    static async start(fonder, room, name, args, more = {}) {
        const home = join(room, name);
        mkdirSync(home, { recursive: true });
        const site = new Site();
        site.home = home;
        site.addresses = [];
        site.waiting = [];
        site.child = spawn(fonder, ['serve', '--port', '0', ...args],
            { env: surroundings(home, { FONDER_VAULT: join(home, 'vault'), ...more }), stdio: ['ignore', 'pipe', 'inherit'] });
        let text = '';
        site.child.stdout.on('data', piece => {
            text += piece;
            for (let at; (at = text.indexOf('\n')) >= 0; text = text.slice(at + 1)) {
                const found = /http:\S+\/enter\/\S+/.exec(text.slice(0, at));
                if (found)
                    site.addresses.push(found[0]);
            }
            site.waiting.splice(0).forEach(wake => wake());
        });
        await site.address(0);
        return site;
    }

    // The nth address printed; a new one comes after the page was left.
    async address(nth) {
        const until = Date.now() + START_MS;
        while (this.addresses.length <= nth) {
            if (Date.now() > until || this.child.exitCode !== null)
                throw new Error('fonder serve printed no address');
            await new Promise(wake => {
                this.waiting.push(wake);
                setTimeout(wake, 200);
            });
        }
        return this.addresses[nth];
    }

    get origin() {
        return new URL(this.addresses[0]).origin;
    }

    // A browser context that is inside.
    async enter(browser, options = {}, nth = 0) {
        const context = await browser.newContext({ locale: 'en-GB', ...options });
        context.setDefaultTimeout(STEP_MS);
        const page = await context.newPage();
        await page.goto(await this.address(nth));
        return { context, page };
    }

    async stop() {
        if (this.child.exitCode !== null)
            return;
        const ended = new Promise(end => this.child.once('exit', end));
        this.child.kill('SIGTERM');
        await ended;
    }
}
