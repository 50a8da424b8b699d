"use strict";
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const settings = vscode.workspace.getConfiguration("ecsplan");
  client = new LanguageClient(
    "ecsplan",
    { command: settings.get("command"), args: ["lsp"] },
    {
      documentSelector: [{ language: "yaml", scheme: "file" }],
      initializationOptions: { plan: settings.get("plan"), completion: settings.get("completion") },
    },
  );
  return client.start();
};

exports.deactivate = () => client && client.stop();
