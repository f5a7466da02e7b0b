"""Building: what's new is read from pages of the repository, so the wheel takes copies of them along."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
PAGES = ("CHANGELOG.md", "docs/roadmap.md")


class BuildWithPages(build_py):
    """Puts the pages into bot/pages of what is built; in the repository there is one copy of each."""

    def run(self) -> None:
        """Build, then copy. An editable installation reads the repository's own pages."""
        super().run()
        if not self.editable_mode:
            folder = Path(self.build_lib) / "bot" / "pages"
            self.mkpath(str(folder))
            for page in PAGES:
                self.copy_file(str(HERE / page), str(folder / Path(page).name))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """The files of the build, the pages among them."""
        folder = Path(self.build_lib) / "bot" / "pages"
        return [*super().get_outputs(include_bytecode), *(str(folder / Path(page).name) for page in PAGES)]


setup(cmdclass={"build_py": BuildWithPages})
