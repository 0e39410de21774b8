// Takes SIGUSR1 before anything else is loaded. Node itself answers that signal by opening its
// inspector on 127.0.0.1:9229, and whoever can connect there runs code in this process: every account
// of the machine, not only the one that may send the signal.

process.on('SIGUSR1', () => undefined);

/**
 * A signal that came while Node was still starting was answered by Node: its inspector opens with the
 * next turn of the loop, so that turn comes before anything else is loaded. It may also open later, where
 * the thread that answers waits for a busy machine, and more than once, where there were several signals.
 */
exports.keepInspectorShut = async () => {
  if (!process.features.inspector || isWanted()) return;
  const { close, url } = process.getBuiltinModule('node:inspector');
  const shut = () => {
    if (url() !== undefined) close();
  };
  let looks = 0;
  const look = () => {
    shut();
    looks += 1;
    setTimeout(look, looks < 100 ? 20 : 1000).unref();
  };
  await new Promise((resolve) => setImmediate(resolve));
  look();
};

/** Whether the person has asked for the inspector. */
function isWanted() {
  const flags = [...process.execArgv, process.env.NODE_OPTIONS ?? ''];
  return flags.some((flag) => flag.includes('--inspect'));
}
