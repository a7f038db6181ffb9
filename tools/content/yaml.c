/* tools/content/yaml.c - a YAML file as a tree that knows its lines.
 * Method  libyaml's events folded with an explicit stack; the subset docs/CONTENT.md allows (no
 *         anchors, aliases or tags) keeps what an author sees and what is read the same. */
#include "tool.h"
#include <yaml.h>

enum { NEST_MAX = 8 };

typedef struct Frame {
    Node *into, *last;
    Str key;
    bool has_key;
} Frame;

typedef struct Build {
    Tool *tool;
    Str file;
    Frame stack[NEST_MAX];
    int depth;
    Node *root;
    bool bad;
} Build;

static void build_fault(Build *b, int line, const char *what)
{
    tool_say(b->tool, b->file, line, "%s", what);
    b->bad = true;
}

const Node *node_find(const Node *map, const char *key)
{
    for (const Node *n = map->first; n; n = n->next)
        if (str_eq_c(n->key, key))
            return n;
    return NULL;
}

/* Puts a finished scalar or an opened container where it belongs; a scalar in key position of a map
 * becomes the key. */
static void build_place(Build *b, Node *node)
{
    if (b->depth == 0) {
        if (b->root)
            build_fault(b, node->line, "a second document begins here; a file holds one");
        b->root = node;
        return;
    }
    Frame *top = &b->stack[b->depth - 1];
    INVARIANT(top->into);
    if (top->into->kind == NODE_MAP) {
        if (!top->has_key) {
            if (node->kind != NODE_SCALAR) {
                build_fault(b, node->line, "a list or map stands where a field's name belongs");
                return;
            }
            for (const Node *n = top->into->first; n; n = n->next)
                if (str_eq(n->key, node->text))
                    tool_say(b->tool, b->file, node->line,
                             "\"%.*s\" is given a second time; the first is on line %d",
                             STR_FMT(node->text), n->line);
            top->key = node->text;
            top->has_key = true;
            return;
        }
        node->key = top->key;
        top->has_key = false;
    }
    if (top->last)
        top->last->next = node;
    else
        top->into->first = node;
    top->last = node;
    top->into->count++;
}

static Node *build_node(Build *b, int kind, const yaml_event_t *event)
{
    Node *node = arena_new(&b->tool->arena, Node, 1);
    if (!node)
        tool_stop(b->tool, STR("out of memory"));
    node->kind = kind;
    node->line = (int)event->start_mark.line + 1;
    return node;
}

static void build_open(Build *b, int kind, const yaml_event_t *event)
{
    Node *node = build_node(b, kind, event);
    build_place(b, node);
    if (b->bad)
        return;
    if (b->depth == NEST_MAX) {
        build_fault(b, node->line, "lists and maps stand too deep in one another");
        return;
    }
    b->stack[b->depth++] = (Frame){.into = node};
}

static void build_scalar(Build *b, const yaml_event_t *event)
{
    Node *node = build_node(b, NODE_SCALAR, event);
    if (event->data.scalar.anchor || event->data.scalar.tag)
        build_fault(b, node->line, "anchors and tags are not used here; write the value itself");
    Str text = {(const char *)event->data.scalar.value, (ptrdiff_t)event->data.scalar.length};
    node->text = str_dup(&b->tool->arena, text);
    build_place(b, node);
}

static void build_event(Build *b, const yaml_event_t *event)
{
    int line = (int)event->start_mark.line + 1;
    switch ((int)event->type) {
    case YAML_SCALAR_EVENT:
        build_scalar(b, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        build_open(b, NODE_LIST, event);
        break;
    case YAML_MAPPING_START_EVENT:
        build_open(b, NODE_MAP, event);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        break;
    case YAML_ALIAS_EVENT:
        build_fault(b, line, "aliases are not used here; write the value itself");
        break;
    default:
        break;
    }
}

Node *yaml_read(Tool *tool, Str file, Str text)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        tool_stop(tool, STR("out of memory"));
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, (size_t)text.len);
    Build b = {.tool = tool, .file = file};
    bool done = false;
    while (!done && !b.bad) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            /* an open quote is found at the end of the file and mended where it began */
            Str context = str_c(parser.context);
            bool open = str_starts(context, STR("while scanning a quoted"));
            size_t line = open ? parser.context_mark.line : parser.problem_mark.line;
            tool_say(tool, file, (int)line + 1, "not readable as YAML: %s",
                     parser.problem ? parser.problem : "unknown reason");
            b.bad = true;
            break;
        }
        done = event.type == YAML_STREAM_END_EVENT;
        build_event(&b, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (!b.bad && !b.root)
        tool_say(tool, file, 1, "the file is empty; it would hold a list of items");
    return b.bad ? NULL : b.root;
}
