// What was checked and how it went.
import { writeFileSync } from 'node:fs';

const escape = text => String(text).replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '');

export class Report {
    constructor(name) {
        this.name = name;
        this.cases = [];
    }

    get failed() {
        return this.cases.filter(c => c.why !== null).length;
    }

    // One case: it passed when nothing is wrong. wrong: a list of sentences.
    expect(group, name, wrong) {
        const why = wrong.length > 0 ? wrong.join('\n') : null;
        this.cases.push({ group, name, why });
        if (why !== null)
            console.log(`FAIL  ${group}: ${name}\n${why}`);
    }

    is(group, name, holds, otherwise = 'it does not hold') {
        this.expect(group, name, holds ? [] : [otherwise]);
    }

    // A step that throws is a case that failed; what comes after it in its own suite is not run.
    async guard(group, step) {
        try {
            await step();
        } catch (error) {
            this.expect(group, 'runs to its end', [error.stack ?? String(error)]);
        }
    }

    summary() {
        return `${this.cases.length - this.failed} of ${this.cases.length} checks passed`;
    }

    write(file) {
        const cases = this.cases.map(c => {
            const open = `  <testcase classname="${escape(c.group)}" name="${escape(c.name)}"`;
            return c.why === null ? `${open}/>\n`
                : `${open}>\n    <failure>${escape(c.why)}</failure>\n  </testcase>\n`;
        });
        writeFileSync(file, `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="${escape(this.name)}"` +
            ` tests="${this.cases.length}" failures="${this.failed}">\n${cases.join('')}</testsuite>\n`);
    }
}
