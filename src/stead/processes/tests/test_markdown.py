"""Guides: the marks that are known, and no HTML of anybody's."""

from stead.processes.markdown import to_html


def test_the_marks_of_guides() -> None:
    assert to_html("One\ntwo.\n\n### Do\n1. a *b*\n   c\n2. **d**\n\n- e") == (
        "<p>One two.</p>\n<h3>Do</h3>\n<ol><li>a <em>b</em> c</li><li><strong>d</strong></li></ol>\n<ul><li>e</li></ul>"
    )


def test_html_in_a_guide_is_text() -> None:
    assert "<script" not in to_html("<script>x</script> *<b>*")
    assert to_html("") == ""
