"use strict";

window.ui = SwaggerUIBundle({
  url: window.documentAddress,
  dom_id: "#page",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
  layout: "BaseLayout",
  // no badge: it would send the document's address to a validator on the internet
  validatorUrl: null,
  deepLinking: true,
  docExpansion: choice.value === "" ? "none" : "list",
  filter: choice.value === "",
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  tagsSorter: "alpha",
  // a token in the browser's storage would outlive the visit; the session cookie serves as well
  persistAuthorization: false,
});
