const MOST_NODES = 60; // beyond, alike steps are folded

/** How far from the left each step stands: one beyond the last that it waits for. */
function layersOf() {
  const layers = new Array(steps.length).fill(-1);
  for (let first = 0; first < steps.length; first++) {
    const todo = [first];
    while (todo.length) {
      const now = todo[todo.length - 1];
      const open = layers[now] < 0 ? (steps[now].needs || []).filter((need) => layers[need] < 0) : [];
      if (open.length) {
        todo.push(...open);
      } else {
        todo.pop();
        if (layers[now] < 0) layers[now] = Math.max(-1, ...(steps[now].needs || []).map((need) => layers[need])) + 1;
      }
    }
  }
  return layers;
}

const opened = new Set(); // the groups that the reader opened

/** What steps are folded by, from fine to coarse; the last always leaves a handful. */
const KEYS = [
  (step, place) => String(place),
  (step, place, layer) => `${layer} ${step.verb} ${step.group}`,
  (step) => `${step.verb} ${step.group}`,
  (step) => `${step.verb} ${step.kind}`,
];

/** Nodes of the graph, each of one step or of many that are alike, and the edges between them. */
function nodesOf() {
  const layers = layersOf();
  const keys = KEYS.map((key) => new Set(steps.map((step, place) => key(step, place, layers[place]))).size);
  let level = keys.findIndex((count) => count <= MOST_NODES);
  if (level < 0) level = KEYS.length - 1;
  const nodes = new Map();
  const of = steps.map((step, place) => {
    let key = KEYS[level](step, place, layers[place]);
    if (opened.has(key)) key = `${key} #${place}`;
    if (!nodes.has(key)) nodes.set(key, { key, steps: [], layer: layers[place], needs: new Set() });
    const node = nodes.get(key);
    node.steps.push(place);
    node.layer = Math.min(node.layer, layers[place]);
    return node;
  });
  steps.forEach((step, place) => {
    for (const need of step.needs || []) if (of[need] !== of[place] && of[need].layer < of[place].layer) of[place].needs.add(of[need]);
  });
  return { nodes: [...nodes.values()].map(summed), folded: level > 0, layers: Math.max(-1, ...layers) + 1 };
}

function summed(node) {
  const own = node.steps.map((place) => steps[place]);
  const first = own[0];
  node.verb = first.verb;
  node.critical = own.some((step) => step.critical);
  node.starts = own.reduce((least, step) => Math.min(least, step.starts || 0), Infinity);
  node.ends = own.reduce((most, step) => Math.max(most, (step.starts || 0) + (step.seconds || 0)), 0);
  node.waves = [...new Set(own.map((step) => step.wave).filter(Boolean))];
  node.impact = own.map((step) => step.impact).find(Boolean);
  node.calls = own.reduce((sum, step) => sum + (step.calls || []).length + (step.gate ? 1 : 0), 0);
  const groups = [...new Set(own.map((step) => step.group))];
  node.label = own.length === 1 ? first.label || first.group : groups.length === 1 ? groups[0] : first.kind;
  node.count = own.length;
  return node;
}

/** The columns of the graph, each sorted so that joined nodes stand near each other. */
function columnsOf(nodes) {
  const columns = [];
  for (const node of nodes) (columns[node.layer] ||= []).push(node);
  const full = columns.filter(Boolean);
  const later = new Map(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const need of node.needs) later.get(need).push(node);
  const settle = () => full.forEach((column) => column.forEach((node, row) => { node.row = row - column.length / 2; }));
  settle();
  for (let sweep = 0; sweep < 6; sweep++) {
    for (const column of sweep % 2 ? [...full].reverse() : full) {
      for (const node of column) {
        const near = sweep % 2 ? later.get(node) : [...node.needs];
        node.pull = near.length ? near.reduce((sum, one) => sum + one.row, 0) / near.length : node.row;
      }
      column.sort((a, b) => a.pull - b.pull);
      column.forEach((node, row) => { node.row = row - column.length / 2; });
    }
  }
  return full;
}
