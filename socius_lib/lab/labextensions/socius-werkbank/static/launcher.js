// The launcher's entries "Nieuwe analyse" and "Nieuw jaarrapport".
//
// What JupyterLab calls a prebuilt extension: a container with `init` and `get`, here written by hand,
// so that nothing has to be built. The notebook itself is made by the server (`lab/server.py`), with
// the function that `socius new` calls too.
"use strict";

(() => {
  let scope;
  const load = async (name) => (await Object.values(scope[name])[0].get())();

  const ENTRIES = {
    analyse: {
      label: "Nieuwe analyse",
      caption: "Een vraag van een collega verkennen, in analyses/",
      ask: "Wat wil je weten?",
    },
    jaarrapport: {
      label: "Nieuw jaarrapport",
      caption: "Een notebook dat elk jaar mee loopt, in notebooks/",
      ask: "Welke vraag beantwoordt het elk jaar?",
    },
  };

  async function makePlugin() {
    const names = ["launcher", "apputils", "services", "translation", "ui-components"];
    const [{ ILauncher }, apputils, { ServerConnection }, { ITranslator }, icons] =
      await Promise.all(names.map((name) => load(`@jupyterlab/${name}`)));

    async function makeNotebook(app, kind, title) {
      const { serverSettings } = app.serviceManager;
      const response = await ServerConnection.makeRequest(
        `${serverSettings.baseUrl}socius/new`,
        { method: "POST", body: JSON.stringify({ kind, title }) },
        serverSettings,
      );
      const said = await response.json();
      if (!response.ok) {
        throw new Error(said.message);
      }
      return said.path;
    }

    function activate(app, launcher, palette, translator) {
      const category = translator?.load("jupyterlab").__("Notebook") ?? "Notebook";
      Object.entries(ENTRIES).forEach(([kind, { label, caption, ask }], at) => {
        const command = `socius:new-${kind}`;
        app.commands.addCommand(command, {
          label,
          caption,
          icon: icons.notebookIcon,
          execute: async () => {
            const { button, value } = await apputils.InputDialog.getText({
              title: label,
              label: ask,
              placeholder: "Wie komt er terug?",
              okLabel: "Maak",
              cancelLabel: "Annuleer",
            });
            if (!button.accept) {
              return;
            }
            try {
              const path = await makeNotebook(app, kind, value ?? "");
              await app.commands.execute("docmanager:open", { path });
            } catch (refused) {
              await apputils.showErrorMessage(label, refused.message);
            }
          },
        });
        // Before the empty notebook, which has the picture of its kernel.
        const picture = kind === "analyse" ? icons.searchIcon : icons.listIcon;
        const kernelIconUrl = `data:image/svg+xml,${encodeURIComponent(picture.svgstr)}`;
        launcher?.add({ command, category, rank: at - 2, kernelIconUrl });
        palette?.addItem({ command, category: "Socius" });
      });
    }

    return {
      id: "socius-werkbank:launcher",
      autoStart: true,
      optional: [ILauncher, apputils.ICommandPalette, ITranslator],
      activate,
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["socius-werkbank"] = {
    init: (shared) => {
      scope = shared;
    },
    get: async () => {
      const plugin = await makePlugin();
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
