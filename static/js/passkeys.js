// What went wrong with a passkey, told on the page instead of in the browser's console.
document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector(".td-passkey-error");
  if (!place || !event.detail.tags.includes("webauthn")) return;
  event.preventDefault();
  const name = event.detail.exception.name;
  const kind = { InvalidStateError: "known", SecurityError: "address" }[name] || "cancelled";
  place.textContent = place.dataset[kind];
  place.hidden = false;
});
