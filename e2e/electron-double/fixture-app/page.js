const status = document.querySelector('[role=status]');

window.fixture.onTold((text) => {
  status.textContent = text;
});
status.textContent = 'ready';
